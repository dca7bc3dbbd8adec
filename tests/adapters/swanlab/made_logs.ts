import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";

/** A log as a client would write it, of records that each fit into one frame of the first block. */
export function logBytes(version: number, records: readonly Uint8Array[]): Buffer {
  const frames = records.map((record) => {
    const header = Buffer.alloc(7);
    header.writeUInt32LE(crc32(record, crc32(Buffer.from([1]))), 0);
    header.writeUInt16LE(record.length, 4);
    header[6] = 1;
    return Buffer.concat([header, record]);
  });
  const header = Buffer.from([0x3a, 0x53, 0x57, 0x4c, 0xd6, 0xe1, version]);
  return Buffer.concat([header, ...frames]);
}

/** A record of a JSON log. */
export function jsonRecord(model: string, data: object): Buffer {
  return Buffer.from(pythonJson({ model_type: model, data }) + "\n");
}

/** JSON with the blanks that Python's `json` puts between things. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) {
    return typeof value === "number" || typeof value === "bigint"
      ? String(value)
      : JSON.stringify(value);
  }
  const members = Object.entries(value).map(([key, member]) =>
    `${JSON.stringify(key)}: ${pythonJson(member)}`
  );
  return `{${members.join(", ")}}`;
}

/** A protobuf message: fields in the order given; numbers are varints, [number] is a double. */
export type Message = readonly (readonly [field: number, value: FieldValue])[];
type FieldValue = number | bigint | string | readonly [number] | Uint8Array | { message: Message };

/** A protobuf message as bytes. */
export function message(fields: Message): Buffer {
  return Buffer.concat(fields.map(([field, value]) => {
    if (typeof value === "number" || typeof value === "bigint") {
      return Buffer.concat([varint(field << 3), varint(value)]);
    }
    if (typeof value === "string") return bytesField(field, Buffer.from(value));
    if (value instanceof Uint8Array) return bytesField(field, value);
    if ("message" in value) return bytesField(field, message(value.message));
    const double = Buffer.alloc(8);
    double.writeDoubleLE(value[0]);
    return Buffer.concat([varint((field << 3) | 1), double]);
  }));
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** A timestamp of so many seconds and nanoseconds. */
export function timestamp(seconds: number, nanos = 0): { message: Message } {
  return { message: nanos === 0 ? [[1, seconds]] : [[1, seconds], [2, nanos]] };
}

/** A record of a protobuf log that was made at second 100. */
export function record(number: number, member: number, content: Message): Buffer {
  return message([[1, number], [2, timestamp(100)], [member, { message: content }]]);
}

/** A scalar as clients write it, at second 100. */
export function scalar(number: number, key: string, step: number | bigint, value: number): Buffer {
  const at: Message = step === 0 ? [] : [[2, step]];
  const double: Message = Object.is(value, 0) ? [] : [[1, [value]]];
  return record(number, 13, [
    [1, key],
    ...at,
    [3, 1],
    [4, timestamp(100)],
    [5, { message: double }],
  ]);
}

/** The record that begins a protobuf log. */
export const start: Buffer = record(-1, 10, [[1, "p"], [4, "e"], [10, "id1"]]);

/** Writes files below a directory, making the folders they need. */
export function writeTree(
  directory: string,
  files: { readonly [path: string]: string | Uint8Array },
): void {
  for (const [path, content] of Object.entries(files)) {
    const full = join(directory, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }
}
