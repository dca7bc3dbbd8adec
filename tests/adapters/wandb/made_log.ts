/** Logs made by hand: protobuf written from the format, not from the reader. */
import { Buffer } from "node:buffer";
import { writeLog } from "../../unit/codec/log_writer.ts";

/** Fields by number: texts, whole numbers, doubles as Buffers of 8, messages, or lists of these. */
export interface Fields {
  readonly [number: number]: FieldValue | readonly FieldValue[];
}

type FieldValue = string | number | Buffer | Fields;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A field whose value is bytes. */
export function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

function field(number: number, value: FieldValue): Buffer {
  if (typeof value === "number") return Buffer.concat([varint(number * 8), varint(value)]);
  if (typeof value === "string") return bytesField(number, Buffer.from(value));
  return Buffer.isBuffer(value) ? bytesField(number, value) : bytesField(number, message(value));
}

/** A message. */
export function message(fields: Fields): Buffer {
  return Buffer.concat(
    Object.entries(fields).flatMap(([number, value]) =>
      (Array.isArray(value) ? value as readonly FieldValue[] : [value as FieldValue])
        .map((one) => field(Number(number), one))
    ),
  );
}

/** A whole record of one kind. */
export function record(kind: number, fields: Fields | Buffer): Buffer {
  return message({ [kind]: fields });
}

/** An item as clients from 0.17 on write it. */
export function item(path: readonly string[], json: string): Fields {
  return { 2: path, 16: json };
}

/** A history record of items, and of a step if one is given. */
export function historyRecord(
  items: readonly (readonly [path: readonly string[], json: string])[],
  step?: number,
): Buffer {
  const fields = { 1: items.map(([path, json]) => item(path, json)) };
  return record(2, step === undefined ? fields : { ...fields, 2: step === 0 ? {} : { 1: step } });
}

/** A run record that began at 1,700,000,000 s. */
export function runRecord(parts: { readonly id: string; readonly startingStep?: number }): Buffer {
  const step = parts.startingStep === undefined ? {} : { 14: parts.startingStep };
  return record(17, { 1: parts.id, 3: "made", ...step, 17: { 1: 1_700_000_000 } });
}

/** A log file. */
export function logOf(records: readonly Uint8Array[]): Buffer {
  return writeLog(records, 0).bytes;
}
