import { Buffer } from "node:buffer";
import { setKey } from "../model/json.ts";
import { integerExtension } from "./msgpack_encoder.ts";

/** What {@link decodeMsgpack} gives: JSON-like values and byte strings. */
export type Decoded =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Decoded[]
  | DecodedMap;

/** A decoded map; `__proto__` is an ordinary key. */
export interface DecodedMap {
  readonly [key: string]: Decoded;
}

/** The bytes are not one MessagePack value, or not one that {@link decodeMsgpack} takes. */
export class MalformedMsgpack extends Error {
  override name = "MalformedMsgpack";
}

/** More digits take quadratic time to read. */
const longestInteger = 10_000;
/** Deeper nesting than any source delivers. */
const deepest = 2000;

/**
 * Reads one MessagePack value that takes all of `bytes`; byte strings are views of it.
 * @throws {MalformedMsgpack} when it cannot; never anything else, whatever the bytes.
 */
export function decodeMsgpack(bytes: Uint8Array): Decoded {
  const decoder = new Decoder(bytes);
  const value = decoder.value();
  if (!decoder.done) throw new MalformedMsgpack("bytes after the value");
  return value;
}

class Decoder {
  readonly #buffer: Buffer;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  get done(): boolean {
    return this.#at === this.#buffer.length;
  }

  value(): Decoded {
    const buffer = this.#buffer;
    const first = buffer[this.#take(1)] as number;
    if (first < 0x80) return first;
    if (first < 0x90) return this.#map(first & 15);
    if (first < 0xa0) return this.#array(first & 15);
    if (first < 0xc0) return this.#text(first & 31);
    if (first >= 0xe0) return first - 0x100;
    if (first >= 0xca && first <= 0xd3) return this.#number(first);
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      default:
        return this.#sized(first);
    }
  }

  #number(first: number): number | bigint {
    const buffer = this.#buffer;
    switch (first) {
      case 0xca:
        return buffer.readFloatBE(this.#take(4));
      case 0xcb:
        return buffer.readDoubleBE(this.#take(8));
      case 0xcc:
        return buffer[this.#take(1)] as number;
      case 0xcd:
        return buffer.readUInt16BE(this.#take(2));
      case 0xce:
        return buffer.readUInt32BE(this.#take(4));
      case 0xcf:
        return whole(buffer.readBigUInt64BE(this.#take(8)));
      case 0xd0:
        return buffer.readInt8(this.#take(1));
      case 0xd1:
        return buffer.readInt16BE(this.#take(2));
      case 0xd2:
        return buffer.readInt32BE(this.#take(4));
      default:
        return whole(buffer.readBigInt64BE(this.#take(8)));
    }
  }

  #sized(first: number): Decoded {
    switch (first) {
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#bytes(this.#length(first - 0xc4));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(first - 0xc7));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(first - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(first - 0xdb));
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(first - 0xdd));
      default:
        throw new MalformedMsgpack(`first byte 0x${first.toString(16)}`);
    }
  }

  /** A length of 1, 2 or 4 bytes for width 0, 1 or 2. */
  #length(width: number): number {
    if (width === 0) return this.#buffer[this.#take(1)] as number;
    return width === 1
      ? this.#buffer.readUInt16BE(this.#take(2))
      : this.#buffer.readUInt32BE(this.#take(4));
  }

  #bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }

  #extension(length: number): bigint {
    const type = this.#buffer[this.#take(1)];
    const digits = this.#bytes(length);
    const text = Buffer.from(digits).toString("latin1");
    if (
      type !== integerExtension || length > longestInteger ||
      !/^-?\d+$/.test(text)
    ) throw new MalformedMsgpack(`extension of type ${type}`);
    return BigInt(text);
  }

  #array(length: number): Decoded[] {
    this.#enter(length);
    const values: Decoded[] = [];
    for (let index = 0; index < length; index++) values.push(this.value());
    this.#depth--;
    return values;
  }

  #map(size: number): DecodedMap {
    this.#enter(2 * size);
    const map: { [key: string]: Decoded } = {};
    for (let index = 0; index < size; index++) {
      const key = this.value();
      if (typeof key !== "string") throw new MalformedMsgpack("a key not text");
      setKey<Decoded>(map, key, this.value());
    }
    this.#depth--;
    return map;
  }

  #enter(values: number): void {
    if (++this.#depth > deepest) throw new MalformedMsgpack("nested too deep");
    if (values > this.#buffer.length - this.#at) this.#tooLong();
  }

  #text(length: number): string {
    const start = this.#take(length);
    if (length < 32) {
      const text = shortAscii(this.#buffer, start, length);
      if (text !== undefined) return text;
    }
    const text = this.#buffer.toString("utf8", start, start + length);
    if (!text.includes("\ufffd")) return text;
    return wtf8(this.#buffer.subarray(start, start + length));
  }

  #take(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#buffer.length - start) this.#tooLong();
    this.#at = start + bytes;
    return start;
  }

  #tooLong(): never {
    throw new MalformedMsgpack("a length past the end");
  }
}

function whole(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function shortAscii(
  buffer: Buffer,
  start: number,
  length: number,
): string | undefined {
  const end = start + length;
  for (let at = start; at < end; at++) {
    if (buffer[at] as number >= 0x80) return undefined;
  }
  return buffer.toString("latin1", start, end);
}

/** UTF-8 in which three bytes may also be a lone surrogate; any other fault becomes U+FFFD. */
function wtf8(bytes: Buffer): string {
  let text = "";
  let start = 0;
  for (let at = 0; at + 2 < bytes.length; at++) {
    const surrogate = surrogateAt(bytes, at);
    if (surrogate === undefined) continue;
    text += bytes.toString("utf8", start, at) + String.fromCharCode(surrogate);
    start = at + 3;
    at += 2;
  }
  return text + bytes.toString("utf8", start);
}

function surrogateAt(bytes: Buffer, at: number): number | undefined {
  const second = bytes[at + 1] as number;
  const third = bytes[at + 2] as number;
  if (bytes[at] !== 0xed || second < 0xa0 || second > 0xbf) return undefined;
  if ((third & 0xc0) !== 0x80) return undefined;
  return 0xd000 | ((second & 0x3f) << 6) | (third & 0x3f);
}
