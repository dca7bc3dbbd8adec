import { glbFile } from "./glb.ts";

/** A line with a point or a face, which may go on behind a backslash. */
const element = /^[ \t]*([vf])[ \t]+((?:\\\r?\n|[^\r\n#])+)/gm;

/**
 * A Wavefront `.obj` as the surface that SwanLab shows, without materials. Undefined when it has no
 * faces, or is damaged.
 */
export function wavefrontFile(bytes: Uint8Array): Uint8Array | undefined {
  const points: number[] = [];
  const corners: number[] = [];
  for (const [, kind, text = ""] of new TextDecoder().decode(bytes).matchAll(element)) {
    const words = text.replaceAll("\\", " ").trim().split(/\s+/);
    if (kind === "v") points.push(...words.slice(0, 3).map(Number));
    else addFace(corners, words.map((word) => placeOf(word, points.length / 3)));
  }
  const count = points.length / 3;
  const isWhole = corners.length > 0 && points.every(Number.isFinite) &&
    corners.every((corner) => Number.isInteger(corner) && corner >= 0 && corner < count);
  return isWhole ? glbFile({ points, corners }) : undefined;
}

/** A face of any number of corners, as triangles that share its first one. */
function addFace(corners: number[], face: readonly number[]): void {
  const [first = NaN, ...others] = face;
  for (let at = 0; at + 1 < others.length; at++) {
    corners.push(first, others[at] ?? NaN, others[at + 1] ?? NaN);
  }
}

/** Points count from 1, and backwards from the last one below 0; `7/1/3` is the point 7. */
function placeOf(word: string, count: number): number {
  const place = Number.parseInt(word, 10);
  return place < 0 ? count + place : place - 1;
}
