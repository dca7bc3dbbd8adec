/** A surface: the corners of its triangles. */
export interface Mesh {
  /** Three coordinates for each point. */
  readonly points: readonly number[];
  /** Three places of points for each triangle. */
  readonly corners: readonly number[];
}

const magic = 0x46546c67;
const jsonChunk = 0x4e4f534a;
const binaryChunk = 0x004e4942;
const headerLength = 12;
const chunkHeaderLength = 8;
const space = 0x20;

/** What the numbers of glTF 2.0 stand for. */
const arrayBuffer = 34962;
const elementArrayBuffer = 34963;
const unsignedInt = 5125;
const float = 5126;

/** A mesh as binary glTF 2.0, the only surface that SwanLab shows. */
export function glbFile({ points, corners }: Mesh): Uint8Array {
  const description = new TextEncoder().encode(JSON.stringify(scene(points, corners.length)));
  const jsonLength = Math.ceil(description.length / 4) * 4;
  const binaryLength = 4 * (points.length + corners.length);
  const length = headerLength + 2 * chunkHeaderLength + jsonLength + binaryLength;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const word = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  for (const value of [magic, 2, length, jsonLength, jsonChunk]) word(value);
  bytes.fill(space, at, at + jsonLength);
  bytes.set(description, at);
  at += jsonLength;
  word(binaryLength);
  word(binaryChunk);
  for (const coordinate of points) {
    view.setFloat32(at, coordinate, true);
    at += 4;
  }
  for (const corner of corners) word(corner);
  return bytes;
}

function scene(points: readonly number[], corners: number): { readonly [key: string]: unknown } {
  const split = 4 * points.length;
  return {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    materials: [{ doubleSided: true }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1, material: 0 }] }],
    accessors: [
      {
        bufferView: 0,
        componentType: float,
        count: points.length / 3,
        type: "VEC3",
        ...extent(points),
      },
      { bufferView: 1, componentType: unsignedInt, count: corners, type: "SCALAR" },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: split, target: arrayBuffer },
      { buffer: 0, byteOffset: split, byteLength: 4 * corners, target: elementArrayBuffer },
    ],
    buffers: [{ byteLength: split + 4 * corners }],
  };
}

/** The least and greatest of each coordinate, as single precision has them. */
function extent(points: readonly number[]): { readonly min: number[]; readonly max: number[] } {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (const [place, coordinate] of points.entries()) {
    const axis = place % 3;
    min[axis] = Math.min(min[axis] ?? Infinity, Math.fround(coordinate));
    max[axis] = Math.max(max[axis] ?? -Infinity, Math.fround(coordinate));
  }
  return { min, max };
}
