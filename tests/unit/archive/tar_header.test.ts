import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { extract, type Header } from "tar-stream";
import { encodeHeader, endBytes, paddedBytes } from "../../../src/archive/tar_header.ts";

const fields = { path: "a/b", kind: "file", bytes: 0, mode: 0o640, modified: 1_700_000_000_999 };

/** A header as an independent reader sees it. */
async function read(header: Uint8Array): Promise<Header> {
  const stream = extract();
  stream.end(Buffer.concat([header, Buffer.alloc(endBytes)]));
  for await (const entry of stream) return entry.header;
  assert.fail("no entry");
}

test("an independent reader sees what was written", async () => {
  const header = await read(encodeHeader({ ...fields, kind: "file" }));
  assert.equal(header.name, "a/b");
  assert.equal(header.mode, 0o640);
  assert.equal(header.mtime?.getTime(), 1_700_000_000_000);
  assert.equal(header.type, "file");
  const link = await read(encodeHeader({ ...fields, kind: "link", target: "../ü".repeat(60) }));
  assert.equal(link.type, "symlink");
  assert.equal(link.linkname, "../ü".repeat(60));
  const directory = await read(encodeHeader({ ...fields, kind: "directory" }));
  assert.equal(directory.type, "directory");
});

const paths = [1, 99, 100, 101, 155, 255, 256, 511, 512, 990, 991, 992, 993, 4000].map((length) =>
  "p".repeat(length)
).concat("é".repeat(50), "✓", "\n", "=", "a b");

for (const path of paths) {
  test(`the path ${JSON.stringify(path.slice(0, 20))} of ${path.length} is kept whole`, async () => {
    const header = encodeHeader({ ...fields, kind: "file", path });
    assert.equal(header.length % 512, 0);
    assert.equal((await read(header)).name, path);
  });
}

const sizes = [0, 1, 8 ** 11 - 1, 8 ** 11, 8 ** 11 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER];

test("sizes are kept up to 2^53 - 1, and do not change the length of the header", () => {
  for (const bytes of sizes) {
    const header = encodeHeader({ ...fields, kind: "file", bytes });
    assert.equal(header.length, 512);
    const octal = header.toString("latin1", 124, 135);
    const read = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : parseInt(octal, 8);
    assert.equal(read, bytes);
  }
});

test("times that tar cannot say are the nearest ones that it can", async () => {
  for (const [modified, seconds] of [[-5, 0], [1e20, 8 ** 11 - 1]] as const) {
    const header = await read(encodeHeader({ ...fields, kind: "file", modified }));
    assert.equal(header.mtime?.getTime(), seconds * 1000);
  }
});

test("contents are padded to whole blocks", () => {
  const expected = [[0, 0], [1, 512], [512, 512], [513, 1024], [2 ** 40 + 1, 2 ** 40 + 512]];
  for (const [bytes = 0, padded] of expected) assert.equal(paddedBytes(bytes), padded);
});
