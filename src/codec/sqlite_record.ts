import type { Buffer } from "node:buffer";

/** A value of SQLite: integers beyond 2^53 are bigint. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** A varint of SQLite: big endian, 1 to 9 bytes, signed 64 bits; undefined past the end. */
export function readVarint(
  bytes: Buffer,
  start: number,
): { readonly value: bigint; readonly next: number } | undefined {
  let value = 0n;
  for (let at = start; at < start + 9; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    if (at === start + 8) {
      value = (value << 8n) | BigInt(byte);
      return { value: BigInt.asIntN(64, value), next: at + 1 };
    }
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return undefined;
}

/** Bytes of the integer serial types 0 to 9. */
const integerBytes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

/** The values of a record; undefined when the bytes are none. Blobs are copies. */
export function decodeRecord(
  record: Buffer,
  decoder: TextDecoder,
): SqliteValue[] | undefined {
  const header = readVarint(record, 0);
  if (header === undefined || header.value > BigInt(record.length)) {
    return undefined;
  }
  const body = Number(header.value);
  const values: SqliteValue[] = [];
  let start = body;
  for (let at = header.next; at < body;) {
    const type = readVarint(record, at);
    if (type === undefined || type.next > body) return undefined;
    at = type.next;
    const serial = Number(type.value);
    if (serial < 0 || serial === 10 || serial === 11) return undefined;
    const bytes = integerBytes[serial] ?? Math.floor((serial - 12) / 2);
    if (start + bytes > record.length) return undefined;
    values.push(decodeValue(record, start, serial, bytes, decoder));
    start += bytes;
  }
  return values;
}

function decodeValue(
  record: Buffer,
  start: number,
  serial: number,
  bytes: number,
  decoder: TextDecoder,
): SqliteValue {
  switch (serial) {
    case 0:
      return null;
    case 6:
      return decodeLong(record, start);
    case 7:
      return record.readDoubleBE(start);
    case 8:
      return 0;
    case 9:
      return 1;
  }
  if (serial < 6) return record.readIntBE(start, bytes);
  const content = record.subarray(start, start + bytes);
  return serial % 2 === 0 ? Uint8Array.from(content) : decoder.decode(content);
}

function decodeLong(record: Buffer, start: number): number | bigint {
  const value = record.readBigInt64BE(start);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
