import { Buffer } from "node:buffer";

/** Extension type of integers beyond 64 bits: their decimal digits in ASCII. */
export const integerExtension = 1;

const least64 = -(2n ** 63n);
const most64 = 2n ** 64n - 1n;

/**
 * Writes JSON-like values as MessagePack without loss: -0, NaN, lone surrogates (as WTF-8), any
 * key, integers of any size. Whole numbers up to ±(2^53 - 1) become integers, all other numbers
 * doubles; bigint becomes a 64-bit integer or {@link integerExtension}. Properties that are
 * undefined are left out.
 */
export class MsgpackEncoder {
  #buffer: Buffer = Buffer.allocUnsafe(1 << 14);
  #at = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#at;
  }

  /** What was written since the last `take`, in memory of its own. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  /** Writes any value; arrays and plain objects with all that is in them. */
  value(value: unknown): this {
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "number":
        return this.number(value);
      case "bigint":
        return this.#bigint(value);
      case "boolean":
        return this.#byte(value ? 0xc3 : 0xc2);
      case "object":
        if (value === null) return this.#byte(0xc0);
        return Array.isArray(value) ? this.#array(value) : this.#object(value);
      default:
        throw new TypeError(`MessagePack cannot say ${typeof value}`);
    }
  }

  /** Begins an array; its `length` values must follow. */
  array(length: number): this {
    return this.#head(length, 0x90, 15, [undefined, 0xdc, 0xdd]);
  }

  /** Begins a map; its `size` pairs of text and value must follow. */
  map(size: number): this {
    return this.#head(size, 0x80, 15, [undefined, 0xde, 0xdf]);
  }

  /** Writes a byte string. */
  bytes(bytes: Uint8Array): this {
    return this.beginBytes(bytes.length).raw(bytes);
  }

  /** Begins a byte string; its `length` bytes must follow. */
  beginBytes(length: number): this {
    return this.#head(length, 0, -1, [0xc4, 0xc5, 0xc6]);
  }

  /** Adds bytes that are MessagePack already. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** Writes a text. */
  text(value: string): this {
    if (this.#shortAscii(value)) return this;
    // A lone surrogate takes three bytes, as U+FFFD does.
    const bytes = Buffer.byteLength(value);
    this.#head(bytes, 0xa0, 31, [0xd9, 0xda, 0xdb]);
    this.#reserve(bytes);
    if (value.isWellFormed()) {
      this.#at += this.#buffer.write(value, this.#at, "utf8");
      return this;
    }
    for (const character of value) this.#codePoint(character.codePointAt(0));
    return this;
  }

  /** Writes a number. */
  number(value: number): this {
    this.#reserve(9);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#buffer[this.#at] = 0xcb;
      this.#at = this.#buffer.writeDoubleBE(value, this.#at + 1);
    } else if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
    return this;
  }

  #unsigned(value: number): void {
    const buffer = this.#buffer;
    const at = this.#at;
    if (value < 0x80) {
      buffer[at] = value;
      this.#at = at + 1;
    } else if (value < 0x100) {
      buffer[at] = 0xcc;
      buffer[at + 1] = value;
      this.#at = at + 2;
    } else if (value < 0x10000) {
      buffer[at] = 0xcd;
      this.#at = buffer.writeUInt16BE(value, at + 1);
    } else if (value < 0x100000000) {
      buffer[at] = 0xce;
      this.#at = buffer.writeUInt32BE(value, at + 1);
    } else {
      buffer[at] = 0xcf;
      this.#at = buffer.writeBigUInt64BE(BigInt(value), at + 1);
    }
  }

  #negative(value: number): void {
    const buffer = this.#buffer;
    const at = this.#at;
    if (value >= -0x20) {
      this.#at = buffer.writeInt8(value, at);
    } else if (value >= -0x80) {
      buffer[at] = 0xd0;
      this.#at = buffer.writeInt8(value, at + 1);
    } else if (value >= -0x8000) {
      buffer[at] = 0xd1;
      this.#at = buffer.writeInt16BE(value, at + 1);
    } else if (value >= -0x80000000) {
      buffer[at] = 0xd2;
      this.#at = buffer.writeInt32BE(value, at + 1);
    } else {
      buffer[at] = 0xd3;
      this.#at = buffer.writeBigInt64BE(BigInt(value), at + 1);
    }
  }

  #bigint(value: bigint): this {
    if (value < least64 || value > most64) {
      const digits = Buffer.from(value.toString(), "latin1");
      this.#head(digits.length, 0, -1, [0xc7, 0xc8, 0xc9]);
      return this.#byte(integerExtension).raw(digits);
    }
    this.#byte(value < 0n ? 0xd3 : 0xcf);
    this.#reserve(8);
    this.#at = value < 0n
      ? this.#buffer.writeBigInt64BE(value, this.#at)
      : this.#buffer.writeBigUInt64BE(value, this.#at);
    return this;
  }

  #array(values: readonly unknown[]): this {
    this.array(values.length);
    for (const value of values) this.value(value);
    return this;
  }

  #object(object: object): this {
    const properties: { readonly [key: string]: unknown } = { ...object };
    const keys = Object.keys(object);
    const absent = keys.filter((key) => properties[key] === undefined).length;
    this.map(keys.length - absent);
    for (const key of keys) {
      const value = properties[key];
      if (value !== undefined) this.text(key).value(value);
    }
    return this;
  }

  /** Texts of at most 31 ASCII characters, which most keys and many values are. */
  #shortAscii(value: string): boolean {
    const length = value.length;
    if (length > 31) return false;
    this.#reserve(32);
    const buffer = this.#buffer;
    const at = this.#at;
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      buffer[at + 1 + index] = unit;
    }
    buffer[at] = 0xa0 | length;
    this.#at = at + 1 + length;
    return true;
  }

  #codePoint(point = 0): void {
    if (point < 0x80) {
      this.#byte(point);
    } else if (point < 0x800) {
      this.#byte(0xc0 | (point >> 6)).#byte(0x80 | (point & 0x3f));
    } else {
      if (point < 0x10000) this.#byte(0xe0 | (point >> 12));
      else {
        this.#byte(0xf0 | (point >> 18)).#byte(0x80 | ((point >> 12) & 0x3f));
      }
      this.#byte(0x80 | ((point >> 6) & 0x3f)).#byte(0x80 | (point & 0x3f));
    }
  }

  /** A length: inside the first byte up to `most`, else behind one of three first bytes. */
  #head(
    length: number,
    short: number,
    most: number,
    [byte, half, word]: readonly [number | undefined, number, number],
  ): this {
    if (length <= most) return this.#byte(short | length);
    if (byte !== undefined && length < 0x100) {
      return this.#byte(byte).#byte(length);
    }
    this.#byte(length < 0x10000 ? half : word);
    this.#reserve(4);
    this.#at = length < 0x10000
      ? this.#buffer.writeUInt16BE(length, this.#at)
      : this.#buffer.writeUInt32BE(length, this.#at);
    return this;
  }

  #byte(byte: number): this {
    this.#reserve(1);
    this.#buffer[this.#at++] = byte;
    return this;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(
      Math.max(needed, 2 * this.#buffer.length),
    );
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}
