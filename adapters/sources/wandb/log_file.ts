import { Buffer } from "node:buffer";
import type { Tail } from "../../../src/adapter.ts";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";
import { RecordLog } from "../../../src/codec/record_log.ts";
import { SourceError } from "../../../src/errors.ts";
import { type ByteSource, type OpenFile, openFile } from "../../../src/files/byte_source.ts";
import { logBeginning } from "../../../src/files/log_beginning.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { versionOf } from "./identity.ts";
import { readMessage } from "./message.ts";
import { recordKinds } from "./record_kinds.ts";
import { header, run } from "./run_message.ts";

/** The file header but for its last byte, the format version: ":W&B" and half a checksum. */
const magic = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe]);
const headerBytes = 7;
/** 0 in every release so far; 1 in the change that leaves out automatic steps. */
const newestVersion = 1;
const pointer = "version https://git-lfs.github.com/spec/";
/** Bytes that are searched for a record where the file header is none. */
const mostSearched = 16 * 1024 * 1024;
/** Records that are looked at for who the run is. */
const mostLooked = 1000;

/** A log, open for reading. */
export interface RunLog extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  readonly file: OpenFile;
  /** The version byte; undefined when the header is damaged. */
  readonly version: number | undefined;
  /** The first run record; undefined when it is damaged or not there yet. */
  readonly run: JsonObject | undefined;
  /** The client's version, where the first records tell it. */
  readonly client: string | undefined;
  /** Hash of its first bytes; undefined while it has not so many. */
  readonly beginning: string | undefined;
  /** Why there is not a single record in it. */
  readonly empty: Tail | undefined;
  /** Its records from the start. */
  records(): RecordLog;
  /** The same while somebody still writes it, through another opening of the file. */
  growing(file: ByteSource): RecordLog;
}

/**
 * Opens a log and reads as far as who the run is.
 * @throws {SourceError} when it cannot be read, is a Git LFS pointer, is of a newer version, or is
 * something else than a log.
 */
export async function openLog(path: string): Promise<RunLog> {
  const file = await openFile(path);
  try {
    const head = await readHead(file);
    const version = versionIn(path, head);
    const first = await firstRecords(file);
    if (first.records === 0 && !isBegun(head)) throw notALog(path);
    return {
      path,
      file,
      version,
      run: first.run,
      client: versionOf(first.run) ?? versionOf(first.header),
      beginning: logBeginning(head),
      empty: first.records === 0 ? emptiness(file.size, first.reason) : undefined,
      records: () => recordLog(file),
      growing: (again) => recordLog(again, true),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

function recordLog(file: ByteSource, growing: boolean = false): RecordLog {
  return new RecordLog(file, { start: headerBytes, accept: isRecord, growing });
}

/** Reads what the beginning of a file has, up to the length of a Git LFS pointer. */
async function readHead(file: OpenFile): Promise<Buffer> {
  const head = Buffer.alloc(1024);
  let filled = 0;
  for (;;) {
    const got = await file.read(head.subarray(filled), filled);
    if (got === 0) return head.subarray(0, filled);
    filled += got;
  }
}

function versionIn(path: string, head: Buffer): number | undefined {
  const text = head.toString("latin1");
  if (text.startsWith(pointer)) throw isPointer(path, /^size (\d+)$/m.exec(text)?.[1]);
  const version = head[magic.length];
  if (version === undefined || !head.subarray(0, magic.length).equals(magic)) return undefined;
  if (version > newestVersion) throw unknownVersion(path, version);
  return version;
}

/** Whether a file can be the beginning of a log: it is empty, or begins with the header. */
function isBegun(head: Buffer): boolean {
  const common = Math.min(head.length, magic.length);
  return head.subarray(0, common).equals(magic.subarray(0, common));
}

interface FirstRecords {
  records: number;
  run?: JsonObject;
  header?: JsonObject;
  reason?: string;
}

/** Looks at the first records, until one says who the run is. */
async function firstRecords(file: OpenFile): Promise<FirstRecords> {
  const found: FirstRecords = { records: 0 };
  const log = recordLog(file);
  for await (const items of log.items()) {
    for (const item of items) {
      if (item.type !== "record" || !isRecord(item.payload)) continue;
      found.records++;
      unlessMalformed(() => look(item.payload, found));
      if (found.run !== undefined || found.records >= mostLooked) return found;
    }
    if (found.records > 0 || log.bytesRead > mostSearched) return found;
  }
  if (log.tail !== undefined) found.reason = log.tail.reason;
  return found;
}

function look(payload: Buffer, found: FirstRecords): void {
  const reader = new ProtobufReader(payload);
  const ignore = (): void => undefined;
  while (reader.next()) {
    if (reader.field === recordKinds.run) {
      found.run = readMessage(reader.message(), run, {}, ignore);
    } else if (reader.field === recordKinds.header) {
      found.header = readMessage(reader.message(), header, {}, ignore);
    } else reader.skip();
  }
}

/** Whether a payload is a record: fields that can be told apart, and one of a known kind. */
function isRecord(payload: Buffer): boolean {
  const known: ReadonlySet<number> = new Set(Object.values(recordKinds));
  const reader = new ProtobufReader(payload);
  let isKnown = false;
  const isWhole = unlessMalformed(() => {
    while (reader.next()) {
      isKnown ||= known.has(reader.field);
      reader.skip();
    }
  });
  return isWhole && isKnown;
}

/** Whether the bytes that `read` decodes are what it takes them for. */
function unlessMalformed(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof MalformedProtobuf) return false;
    throw error;
  }
}

function emptiness(bytes: number, found: string | undefined): Tail {
  if (bytes === 0) return { offset: 0, bytes, reason: "the log is empty" };
  if (bytes < headerBytes) return { offset: 0, bytes, reason: "the log ends inside its header" };
  const rest = bytes - headerBytes;
  const reason = rest === 0 || found === undefined ? "the log holds no record" : found;
  return { offset: headerBytes, bytes: rest, reason };
}

function isPointer(path: string, size: string | undefined): SourceError {
  const bytes = size === undefined ? "" : ` of ${size} bytes`;
  return new SourceError(
    `Cannot read ${path}: it is a Git LFS pointer to a file${bytes}, not the log itself`,
    { hint: "Run `git lfs pull` in its repository, then try again." },
  );
}

function unknownVersion(path: string, version: number): SourceError {
  return new SourceError(
    `Cannot read ${path}: its format version is ${version}, and the newest known is ${newestVersion}`,
    { hint: "Update runferry; a newer W&B client may have written this run." },
  );
}

function notALog(path: string): SourceError {
  return new SourceError(`Cannot read ${path}: it is not a W&B log`, {
    hint: "Check where the file comes from; it may be another program's.",
  });
}
