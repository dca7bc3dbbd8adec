import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";

/** A picture, taken apart. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Row by row without gaps, one byte for each channel. */
  readonly bytes: Uint8Array;
}

/** Bytes in front of the first chunk. */
const signature = 8;
/** Channels by colour type. */
const channelsOf: readonly (number | undefined)[] = [1, undefined, 3, undefined, 2, undefined, 4];

/** The pixels of a PNG of 8 bits a channel without a palette; undefined for anything else. */
export function pngPixels(png: Uint8Array): Pixels | undefined {
  const file = Buffer.from(png);
  if (file.toString("latin1", 1, 4) !== "PNG") return undefined;
  const parts: Buffer[] = [];
  for (let at = signature; at < file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") {
      parts.push(file.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const channels = channelsOf[file.readUInt8(25)];
  if (file.readUInt8(24) !== 8 || channels === undefined) return undefined;
  return { width, height, bytes: unfiltered(inflateSync(Buffer.concat(parts)), width, channels) };
}

/** Undoes the filter that each row names in its first byte. */
function unfiltered(raw: Uint8Array, width: number, channels: number): Uint8Array {
  const row = width * channels;
  const height = raw.length / (row + 1);
  const pixels = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)] ?? 0;
    for (let x = 0; x < row; x++) {
      const left = x < channels ? 0 : pixels[y * row + x - channels] ?? 0;
      const up = y === 0 ? 0 : pixels[(y - 1) * row + x] ?? 0;
      const corner = x < channels || y === 0 ? 0 : pixels[(y - 1) * row + x - channels] ?? 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      pixels[y * row + x] = (raw[y * (row + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
