import { Buffer } from "node:buffer";
import type { ByteSource } from "../files/byte_source.ts";

/** Bytes that are read at once. */
export const windowBytes: number = 1 << 20;

/** Reads a file front to back with few system calls, in pieces of any size. */
export class Window {
  readonly #source: ByteSource;
  readonly #buffer: Buffer = Buffer.allocUnsafe(windowBytes);
  #start = 0;
  #length = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The bytes at a position, fewer only at the end of the file. What it returns is overwritten by
   * the next call.
   * @throws {SourceError} when the file cannot be read.
   */
  async view(position: number, bytes: number): Promise<Buffer> {
    if (bytes > windowBytes) {
      const large = Buffer.allocUnsafe(bytes);
      return large.subarray(0, await fill(this.#source, large, position));
    }
    const end = position + bytes;
    if (position < this.#start || end > this.#start + this.#length) {
      this.#start = position;
      this.#length = await fill(this.#source, this.#buffer, position);
    }
    const at = position - this.#start;
    return this.#buffer.subarray(at, Math.min(at + bytes, this.#length));
  }
}

/** Reads until `into` is full or the file ends, and returns how many bytes it got. */
export async function fill(
  source: ByteSource,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let length = 0;
  while (length < into.length) {
    const got = await source.read(into.subarray(length), position + length);
    if (got === 0) break;
    length += got;
  }
  return length;
}
