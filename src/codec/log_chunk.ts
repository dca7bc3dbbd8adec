import type { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { RangeChecksum } from "./range_checksum.ts";

/** Bytes of a chunk header: u32 checksum, u16 payload length, u8 type; little endian. */
export const chunkHeader = 7;
/** Bytes of a block; a chunk never needs more. */
export const blockBytes = 32768;
/** The longest payload of one chunk. */
const longestPayload: number = blockBytes - chunkHeader;

/** Types of chunks. */
export const chunk = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** CRC-32 of the type byte alone, by type; the checksum of a chunk goes on from there. */
const seeds = [0, 0xa505df1b, 0x3c0c8ea1, 0x4b0bbe37, 0xd56f2b94] as const;

/**
 * Tells whether there is a chunk at a position of a buffer. One instance goes with one buffer whose
 * content only changes through {@link forget}.
 */
export class ChunkCheck {
  readonly #buffer: Buffer;
  readonly #ranges: RangeChecksum;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#ranges = new RangeChecksum(buffer);
  }

  /** Must be called when the buffer's content has changed. */
  forget(): void {
    this.#ranges.forget();
  }

  /** Offset behind the chunk that begins at `at` and ends at or before `end`; 0 when there is none. */
  chunkEnd(at: number, end: number): number {
    if (at + chunkHeader > end) return 0;
    const buffer = this.#buffer;
    const type = buffer[at + 6] as number;
    if (type === 0 || type > chunk.last) return 0;
    const length = buffer.readUInt16LE(at + 4);
    const start = at + chunkHeader;
    const stop = start + length;
    if (length > longestPayload || stop > end) return 0;
    const seed = seeds[type] as number;
    const actual = this.#ranges.covers(start, stop)
      ? this.#ranges.checksum(seed, start, stop)
      : crc32(buffer.subarray(start, stop), seed);
    return actual === buffer.readUInt32LE(at) ? stop : 0;
  }

  /**
   * The first position from `from` on, below `limit`, where a chunk begins; `limit` when there is
   * none. Takes time proportional to the distance, whatever the bytes are.
   */
  find(from: number, limit: number, end: number): number {
    const buffer = this.#buffer;
    for (let at = from; at < limit; at++) {
      const type = buffer[at + 6] as number;
      if (type === 0 || type > chunk.last) continue;
      const length = (buffer[at + 4] as number) |
        ((buffer[at + 5] as number) << 8);
      const stop = at + chunkHeader + length;
      if (length > longestPayload || stop > end) continue;
      this.#ranges.cover(at, stop, end);
      if (this.chunkEnd(at, end) !== 0) return at;
    }
    return limit;
  }
}
