import { Buffer } from "node:buffer";

/**
 * Encodes protobuf messages into one buffer that is used again and again. Fields are written in the
 * order of the calls; `bytes` is what was written since `restart`.
 */
export class MessageWriter {
  #buffer = Buffer.alloc(64 * 1024);
  #length = 0;

  /** A view of the message, gone with the next `restart`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  restart(): this {
    this.#length = 0;
    return this;
  }

  /** A whole number; of negative ones their 64-bit two's complement. */
  integer(field: number, value: number): this {
    this.#varint(field << 3);
    if (value >= 0) this.#varint(value);
    else this.#huge(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  double(field: number, value: number): this {
    this.#varint((field << 3) | 1);
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    return this;
  }

  text(field: number, value: string): this {
    const bytes = Buffer.byteLength(value);
    this.#varint((field << 3) | 2);
    this.#varint(bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length);
    return this;
  }

  /** A sub-message: whatever `fill` writes. */
  message(field: number, fill: () => void): this {
    this.#varint((field << 3) | 2);
    this.#reserve(1);
    const start = ++this.#length;
    fill();
    const bytes = this.#length - start;
    if (bytes < 0x80) {
      this.#buffer[start - 1] = bytes;
      return this;
    }
    // The length needs more than the one byte that was kept for it.
    const room = Math.ceil(Math.log2(bytes + 1) / 7) - 1;
    this.#reserve(room);
    this.#buffer.copyWithin(start + room, start, this.#length);
    this.#length = start - 1;
    this.#varint(bytes);
    this.#length += bytes;
    return this;
  }

  /** google.protobuf.Timestamp from ms since epoch. */
  time(field: number, milliseconds: number): this {
    return this.message(field, () => {
      const seconds = Math.floor(milliseconds / 1000);
      this.integer(1, seconds);
      this.integer(2, Math.round((milliseconds - seconds * 1000) * 1e6));
    });
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #huge(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.alloc((this.#length + bytes) * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
