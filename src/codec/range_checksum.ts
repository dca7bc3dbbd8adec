import type { Buffer } from "node:buffer";

/** The polynomial of CRC-32 (IEEE 802.3), bits reversed. */
const polynomial = 0xedb88320;
/** The longest range in bytes. */
const longest = 32768;
/** How far ahead one call covers, in bytes. */
const stride = 64 * 1024;

const byteTable = makeByteTable();

/**
 * CRC-32 of any range of a buffer in constant time, after one pass over it. A CRC is linear: that
 * of a range follows from the CRCs of the two prefixes that end where it begins and ends.
 */
export class RangeChecksum {
  readonly #buffer: Buffer;
  /** prefix[i] is the raw CRC state after the bytes from `#from` up to i. */
  #prefix: Int32Array = new Int32Array(0);
  /** Made when first needed, as is `#prefix`: most buffers are never asked about. */
  #powers: Int32Array = new Int32Array(0);
  #from = 0;
  #to = -1;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Drops what was covered. */
  forget(): void {
    this.#to = -1;
  }

  /** Whether `checksum` may be asked for this range. */
  covers(start: number, stop: number): boolean {
    return start >= this.#from && stop <= this.#to;
  }

  /** Makes sure that ranges between `start` and `stop` can be asked for; `end` ends the buffer's content. */
  cover(start: number, stop: number, end: number): void {
    if (this.#prefix.length === 0) {
      this.#prefix = new Int32Array(this.#buffer.length + 1);
      this.#powers = makePowers();
    }
    if (start < this.#from || start > this.#to) {
      this.#from = start;
      this.#to = start;
      this.#prefix[start] = 0;
    }
    if (stop <= this.#to) return;
    const to = Math.min(end, Math.max(stop, this.#to + stride));
    const buffer = this.#buffer;
    const prefix = this.#prefix;
    let state = prefix[this.#to] as number;
    for (let at = this.#to; at < to; at++) {
      state = (byteTable[(state ^ (buffer[at] as number)) & 0xff] as number) ^
        (state >>> 8);
      prefix[at + 1] = state;
    }
    this.#to = to;
  }

  /** CRC-32 of the range, at most 32 KiB, going on from the CRC `seed`; unsigned. */
  checksum(seed: number, start: number, stop: number): number {
    const before = (this.#prefix[start] as number) ^ ~seed;
    const shifted = shift(before, stop - start, this.#powers);
    return ~(shifted ^ (this.#prefix[stop] as number)) >>> 0;
  }
}

/**
 * The CRC state after `bytes` zero bytes. Each of its four bytes is multiplied by a power of its
 * own, so that the four products do not wait for each other.
 */
function shift(state: number, bytes: number, powers: Int32Array): number {
  let first = powers[bytes] as number;
  let second = powers[bytes + 1] as number;
  let third = powers[bytes + 2] as number;
  let fourth = powers[bytes + 3] as number;
  let shifted = 0;
  for (let bit = 7; bit >= 0; bit--) {
    shifted ^= (first & -((state >>> (bit + 24)) & 1)) ^
      (second & -((state >>> (bit + 16)) & 1)) ^
      (third & -((state >>> (bit + 8)) & 1)) ^
      (fourth & -((state >>> bit) & 1));
    first = (first >>> 1) ^ (polynomial & -(first & 1));
    second = (second >>> 1) ^ (polynomial & -(second & 1));
    third = (third >>> 1) ^ (polynomial & -(third & 1));
    fourth = (fourth >>> 1) ^ (polynomial & -(fourth & 1));
  }
  return shifted;
}

function makeByteTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let state = byte;
    for (let bit = 0; bit < 8; bit++) {
      state = (state >>> 1) ^ (polynomial & -(state & 1));
    }
    table[byte] = state;
  }
  return table;
}

/** x^(8n) modulo the polynomial, by n: what n zero bytes do to a CRC. */
function makePowers(): Int32Array {
  const table = new Int32Array(longest + 4);
  let power = 1 << 31;
  for (let bytes = 0; bytes < table.length; bytes++) {
    table[bytes] = power;
    power = (byteTable[power & 0xff] as number) ^ (power >>> 8);
  }
  return table;
}
