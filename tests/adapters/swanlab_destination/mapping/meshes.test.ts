import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { stereolithographyFile } from "../../../../adapters/destinations/swanlab/mapping/stereolithography.ts";
import { wavefrontFile } from "../../../../adapters/destinations/swanlab/mapping/wavefront.ts";

interface ReadSurface {
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly points: readonly (readonly number[])[];
  readonly corners: readonly number[];
}

/** What a binary glTF file says: its extent, its points, and the corners of its triangles. */
function readGlb(bytes: Uint8Array | undefined): ReadSurface {
  assert.ok(bytes !== undefined);
  const file = Buffer.from(bytes);
  assert.equal(file.toString("latin1", 0, 4), "glTF");
  assert.equal(file.readUInt32LE(4), 2);
  assert.equal(file.readUInt32LE(8), file.length);
  const jsonLength = file.readUInt32LE(12);
  assert.equal(jsonLength % 4, 0);
  const json = JSON.parse(file.toString("utf8", 20, 20 + jsonLength));
  const binary = file.subarray(28 + jsonLength);
  assert.equal(file.readUInt32LE(20 + jsonLength), binary.length);
  const count = json.accessors[0].count as number;
  const points = Array.from(
    { length: count },
    (_, point) => [0, 4, 8].map((offset) => binary.readFloatLE(12 * point + offset)),
  );
  const corners = Array.from(
    { length: json.accessors[1].count as number },
    (_, corner) => binary.readUInt32LE(12 * count + 4 * corner),
  );
  return { min: json.accessors[0].min, max: json.accessors[0].max, points, corners };
}

test("a Wavefront file becomes the surface that SwanLab shows", () => {
  const text = "# a square\nmtllib x.mtl\nv 0 0 0\nv 1 0 0 1.0\r\nv 1 2 0\nv 0 2 0\nvn 0 0 1\n" +
    "f 1/1/1 2/2/1 3//1 4\nf -4 -3 \\\n-2\n";
  assert.deepEqual(readGlb(wavefrontFile(Buffer.from(text))), {
    min: [0, 0, 0],
    max: [1, 2, 0],
    points: [[0, 0, 0], [1, 0, 0], [1, 2, 0], [0, 2, 0]],
    corners: [0, 1, 2, 0, 2, 3, 0, 1, 2],
  });
});

test("a Wavefront file without a whole surface stays what it is", () => {
  for (
    const text of ["", "v 0 0 0\nv 1 0 0\nv 0 1 0\n", "v 0 0 0\nf 1 2 3\n", "v a b c\nf 1 1 1\n"]
  ) {
    assert.equal(wavefrontFile(Buffer.from(text)), undefined, text);
  }
});

test("an STL file becomes the surface that SwanLab shows, text or binary", () => {
  const text = "solid s\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1e0 0 0\n" +
    "vertex 0 0.5 0\nendloop\nendfacet\nendsolid s\n";
  const binary = Buffer.alloc(84 + 50);
  binary.writeUInt32LE(1, 80);
  for (const [place, value] of [0, 0, 0, 1, 0, 0, 0, 0.5, 0].entries()) {
    binary.writeFloatLE(value, 84 + 12 + 4 * place);
  }
  for (const bytes of [Buffer.from(text), binary]) {
    assert.deepEqual(readGlb(stereolithographyFile(bytes)), {
      min: [0, 0, 0],
      max: [1, 0.5, 0],
      points: [[0, 0, 0], [1, 0, 0], [0, 0.5, 0]],
      corners: [0, 1, 2],
    });
  }
});

test("a damaged STL file stays what it is", () => {
  for (
    const bytes of [Buffer.alloc(0), Buffer.alloc(100, 1), Buffer.from("solid s\nvertex 1 2 3")]
  ) {
    assert.equal(stereolithographyFile(bytes), undefined);
  }
});
