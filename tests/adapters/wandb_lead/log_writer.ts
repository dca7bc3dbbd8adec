import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";

/** A protobuf message, or the content of a field. */
export type Content = string | Uint8Array;

const blockBytes = 32_768;
const fileHeader = Buffer.from(":W&B\xe1\xbe\x00", "latin1");

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** A field with a length: text, bytes or a message. */
export function field(number: number, content: Content): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** A field with a whole number. */
export function whole(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** A field with a double. */
export function double(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

/** One message of several fields. */
export function message(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields);
}

/** An item of a config, summary or history record: one key, or a path, and JSON text. */
export function item(key: string | readonly string[], json?: string): Buffer {
  const names = typeof key === "string" ? [field(1, key)] : key.map((name) => field(2, name));
  return message(...names, ...(json === undefined ? [] : [field(16, json)]));
}

/** A history record of these items, and perhaps HistoryRecord.step. */
export function history(items: readonly Uint8Array[], step?: number | bigint): Buffer {
  const fields = items.map((each) => field(1, each));
  if (step !== undefined) fields.push(field(2, step === 0 ? "" : whole(1, step)));
  return field(2, message(...fields));
}

/** A summary record: updates, then removals. */
export function summary(
  updates: readonly Uint8Array[],
  removals: readonly Uint8Array[] = [],
): Buffer {
  const fields = [
    ...updates.map((each) => field(1, each)),
    ...removals.map((each) => field(2, each)),
  ];
  return field(3, message(...fields));
}

/** A config record: updates, then removals. */
export function config(
  updates: readonly Uint8Array[],
  removals: readonly Uint8Array[] = [],
): Buffer {
  const fields = [
    ...updates.map((each) => field(1, each)),
    ...removals.map((each) => field(2, each)),
  ];
  return field(5, message(...fields));
}

/** What a program wrote to a stream at once, `seconds` since epoch. */
export function output(stream: "stdout" | "stderr", text: string, seconds = 1): Buffer {
  const type = stream === "stdout" ? [whole(1, 1)] : [];
  return field(13, message(...type, field(2, whole(1, seconds)), field(3, text)));
}

/** A run record with this id and more fields. */
export function run(id: string, ...fields: readonly Uint8Array[]): Buffer {
  return field(17, message(field(1, id), ...fields));
}

/** The end of a run. */
export const exit: Buffer = field(18, "");

/** A log of these records, in blocks counted from the start of the file. */
export function log(records: readonly Uint8Array[]): Buffer {
  const parts: Buffer[] = [fileHeader];
  let at = fileHeader.length;
  const add = (bytes: Buffer): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  for (const record of records) {
    let rest = Buffer.from(record);
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      const left = blockBytes - at % blockBytes;
      if (left < 7) add(Buffer.alloc(left));
      const room = blockBytes - at % blockBytes - 7;
      const piece = rest.subarray(0, room);
      rest = rest.subarray(piece.length);
      const isLast = rest.length === 0;
      add(chunk(isFirst ? isLast ? 1 : 2 : isLast ? 4 : 3, piece));
      if (isLast) break;
    }
  }
  return Buffer.concat(parts);
}

function chunk(type: number, payload: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from([type]), payload]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(crc32(body), 0);
  head.writeUInt16LE(payload.length, 4);
  return Buffer.concat([head, body]);
}

/** Files of a run directory by their path in it. */
export type Files = { readonly [path: string]: Content };

/** Makes a run directory with this log and these files; returns its path. */
export function writeRun(
  directory: string,
  records: readonly Uint8Array[] | undefined,
  files: Files = {},
  name = "offline-run-20240101_000000-made",
): string {
  const path = join(directory, name);
  mkdirSync(join(path, "files"), { recursive: true });
  if (records !== undefined) writeFileSync(join(path, "run-made.wandb"), log(records));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}
