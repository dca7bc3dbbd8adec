/** A log writer and a memory source, written from the format and not from the reader. */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import type { LogItem, LogTail, RecordLogOptions } from "../../../src/codec/record_log.ts";
import { RecordLog } from "../../../src/codec/record_log.ts";

const block = 32768;

export const kinds = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** One chunk: header and payload. */
export function chunkOf(kind: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(7 + payload.length);
  bytes.set(payload, 7);
  bytes[6] = kind;
  bytes.writeUInt16LE(payload.length, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(6)), 0);
  return bytes;
}

export interface WrittenLog {
  readonly bytes: Buffer;
  /** For each record its chunks as [start, end). */
  readonly spans: readonly (readonly (readonly [number, number])[])[];
}

/** A log of these payloads; blocks are counted from `base`. */
export function writeLog(payloads: readonly Uint8Array[], base: 0 | 7): WrittenLog {
  const parts: Buffer[] = [Buffer.from(":W&B\xe1\xbe\0", "latin1")];
  const spans: [number, number][][] = [];
  let position = 7;
  const room = (): number => block - ((position - base) % block);
  for (const payload of payloads) {
    const own: [number, number][] = [];
    let done = 0;
    for (let first = true, last = false; !last; first = false) {
      if (room() < 7) {
        parts.push(Buffer.alloc(room()));
        position += room();
      }
      const take = Math.min(room() - 7, payload.length - done);
      last = done + take === payload.length;
      const kind = first ? last ? kinds.full : kinds.first : last ? kinds.last : kinds.middle;
      parts.push(chunkOf(kind, payload.subarray(done, done + take)));
      own.push([position, position + 7 + take]);
      position += 7 + take;
      done += take;
    }
    spans.push(own);
  }
  return { bytes: Buffer.concat(parts), spans };
}

export interface ReadLog {
  readonly records: readonly { readonly offset: number; readonly payload: Buffer }[];
  readonly gaps: readonly {
    readonly offset: number;
    readonly bytes: number;
    readonly reason: string;
  }[];
  readonly tail: LogTail | undefined;
  readonly bytesRead: number;
}

/** Everything that the reader makes of these bytes; `piece` is the most it gets from one read. */
export async function readLog(
  bytes: Uint8Array,
  options: RecordLogOptions = {},
  piece: number = bytes.length,
): Promise<ReadLog> {
  const log = new RecordLog({
    read(into, position): Promise<number> {
      const rest = bytes.subarray(position, position + Math.min(piece, into.length));
      into.set(rest);
      return Promise.resolve(rest.length);
    },
  }, options);
  const records: { offset: number; payload: Buffer }[] = [];
  const gaps: (LogItem & { type: "gap" })[] = [];
  for await (const items of log.items()) {
    for (const item of items) {
      if (item.type === "gap") gaps.push(item);
      else records.push({ offset: item.offset, payload: Buffer.from(item.payload) });
    }
  }
  return { records, gaps, tail: log.tail, bytesRead: log.bytesRead };
}
