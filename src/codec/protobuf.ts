/**
 * Reads the protobuf wire format field by field, without a schema and without copying: a reader is
 * a window on a buffer, and sub-messages are windows inside it.
 */

import { Buffer } from "node:buffer";

/** Wire types of the format; 3 and 4 (groups) are not used by any tracker and count as malformed. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The bytes are not a message: a length past the end, a varint too long, an unknown wire type. */
export class MalformedProtobuf extends Error {
  override name = "MalformedProtobuf";
}

/**
 * Walks the fields of one message:
 * `while (reader.next()) switch (reader.field) { case 1: … reader.string() … default: reader.skip() }`.
 * After `next` exactly one of the value methods or `skip` must be called.
 */
export class ProtobufReader {
  /** Number of the current field. */
  field = 0;
  /** Wire type of the current field. */
  wireType = 0;
  /** The whole buffer. */
  readonly buffer: Buffer;
  /** Offset of the next unread byte. */
  position: number;
  /** Offset behind the last byte of this message. */
  end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.end = end;
  }

  /** Points this reader at another window of the same buffer. */
  reset(start: number, end: number): void {
    this.position = start;
    this.end = end;
  }

  /** Reads the next field's tag; false at the end of the message. */
  next(): boolean {
    if (this.position >= this.end) return false;
    const tag = this.#small();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0) throw new MalformedProtobuf("field number 0");
    return true;
  }

  /** A varint as unsigned, exact up to 2^53; larger values lose their low bits. */
  #small(): number {
    const buffer = this.buffer;
    const first = buffer[this.position] as number;
    if (first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (this.position >= this.end) {
        throw new MalformedProtobuf("varint past the end");
      }
      const byte = buffer[this.position++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new MalformedProtobuf("varint longer than 10 bytes");
  }

  /** uint32, enum or bool-like small number. */
  uint(): number {
    this.#expect(wire.varint);
    return this.#small();
  }

  /** bool. */
  bool(): boolean {
    return this.uint() !== 0;
  }

  /** int32 or int64: a number where exact, else a bigint. */
  int(): number | bigint {
    this.#expect(wire.varint);
    const start = this.position;
    const value = this.#small();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let at = start, shift = 0n; at < this.position; at++, shift += 7n) {
      exact |= BigInt((this.buffer[at] as number) & 0x7f) << shift;
    }
    const signed = BigInt.asIntN(64, exact);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  /** double. */
  double(): number {
    this.#expect(wire.fixed64);
    const start = this.#take(8);
    return this.buffer.readDoubleLE(start);
  }

  /** float. */
  float(): number {
    this.#expect(wire.fixed32);
    const start = this.#take(4);
    return this.buffer.readFloatLE(start);
  }

  /** string, UTF-8; what is not valid UTF-8 becomes U+FFFD. */
  string(): string {
    const end = this.open();
    const start = this.position;
    this.position = end;
    return this.buffer.toString("utf8", start, end);
  }

  /** bytes, as a view. */
  bytes(): Buffer {
    const end = this.open();
    const start = this.position;
    this.position = end;
    return this.buffer.subarray(start, end);
  }

  /** A sub-message as a reader of its own. */
  message(): ProtobufReader {
    const end = this.open();
    const start = this.position;
    this.position = end;
    return new ProtobufReader(this.buffer, start, end);
  }

  /**
   * Reads the length of a bytes field and returns the offset where it ends; `position` is then its
   * first byte. For code that decodes a sub-message in place: the caller sets `position` to that end.
   */
  open(): number {
    this.#expect(wire.bytes);
    const length = this.#small();
    const end = this.position + length;
    if (end > this.end) throw new MalformedProtobuf("length past the end");
    return end;
  }

  /** Passes over the current field's value. */
  skip(): void {
    switch (this.wireType) {
      case wire.varint:
        this.#small();
        return;
      case wire.fixed64:
        this.#take(8);
        return;
      case wire.bytes:
        this.position = this.open();
        return;
      case wire.fixed32:
        this.#take(4);
        return;
      default:
        throw new MalformedProtobuf(`wire type ${this.wireType}`);
    }
  }

  #take(bytes: number): number {
    const start = this.position;
    if (start + bytes > this.end) {
      throw new MalformedProtobuf("value past the end");
    }
    this.position = start + bytes;
    return start;
  }

  #expect(type: number): void {
    if (this.wireType !== type) {
      throw new MalformedProtobuf(
        `field ${this.field} has wire type ${this.wireType}`,
      );
    }
  }
}
