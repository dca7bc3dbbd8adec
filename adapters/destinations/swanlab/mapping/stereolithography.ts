import { glbFile } from "./glb.ts";

const headerLength = 80;
/** A normal, three points of three floats, two bytes of attributes. */
const triangleLength = 50;

/** An `.stl`, binary or text, as the surface that SwanLab shows; undefined when it is damaged. */
export function stereolithographyFile(bytes: Uint8Array): Uint8Array | undefined {
  const points = binaryPoints(bytes) ?? textPoints(bytes);
  if (points.length === 0 || points.length % 9 !== 0) return undefined;
  if (!points.every(Number.isFinite)) return undefined;
  const corners = Array.from({ length: points.length / 3 }, (_, corner) => corner);
  return glbFile({ points, corners });
}

/** The points of a binary file; undefined when its length is not that of its triangles. */
function binaryPoints(bytes: Uint8Array): readonly number[] | undefined {
  if (bytes.length < headerLength + 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(headerLength, true);
  const begin = headerLength + 4;
  if (bytes.length !== begin + count * triangleLength) return undefined;
  const points: number[] = [];
  for (let triangle = 0; triangle < count; triangle++) {
    const at = begin + triangle * triangleLength + 12;
    for (let place = 0; place < 9; place++) points.push(view.getFloat32(at + 4 * place, true));
  }
  return points;
}

function textPoints(bytes: Uint8Array): readonly number[] {
  const text = new TextDecoder().decode(bytes);
  const points: number[] = [];
  for (const [, x, y, z] of text.matchAll(/\bvertex\s+(\S+)\s+(\S+)\s+(\S+)/g)) {
    points.push(Number(x), Number(y), Number(z));
  }
  return points;
}
