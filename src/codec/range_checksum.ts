import type { Buffer } from "node:buffer";

/** The polynomial of CRC-32 (IEEE 802.3), bits reversed. */
const polynomial = 0xedb88320;
/** How far ahead one call covers, in bytes. */
const stride = 64 * 1024;

const byteTable = makeByteTable();
/** x^(8 * 2^k) modulo the polynomial, for k = 0 … 31. */
const powers = makePowers();

/**
 * CRC-32 of any range of a buffer in constant time, after one pass over it. A CRC is linear: that
 * of a range follows from the CRCs of the two prefixes that end where it begins and ends.
 */
export class RangeChecksum {
  readonly #buffer: Buffer;
  /** prefix[i] is the raw CRC state after the bytes from `#from` up to i. */
  #prefix: Int32Array = new Int32Array(0);
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

  /** CRC-32 of the range, going on from the CRC `seed`; unsigned. */
  checksum(seed: number, start: number, stop: number): number {
    const before = (this.#prefix[start] as number) ^ ~seed;
    const shifted = shift(before, stop - start);
    return ~(shifted ^ (this.#prefix[stop] as number)) >>> 0;
  }
}

/** The CRC state after `bytes` zero bytes. */
function shift(state: number, bytes: number): number {
  let shifted = state;
  for (let power = 0, rest = bytes; rest !== 0; power++, rest >>>= 1) {
    if ((rest & 1) !== 0) {
      shifted = multiply(shifted, powers[power] as number);
    }
  }
  return shifted;
}

/** The product of two polynomials modulo the CRC's. */
function multiply(left: number, right: number): number {
  let product = 0;
  let factor = right;
  for (let bit = 31; bit >= 0; bit--) {
    product ^= factor & -((left >>> bit) & 1);
    factor = (factor >>> 1) ^ (polynomial & -(factor & 1));
  }
  return product;
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

function makePowers(): Int32Array {
  const table = new Int32Array(32);
  let power = 1 << 23;
  for (let exponent = 0; exponent < table.length; exponent++) {
    table[exponent] = power;
    power = multiply(power, power);
  }
  return table;
}
