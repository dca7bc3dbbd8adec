import { Buffer } from "node:buffer";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";
import { RecordLog } from "../../../src/codec/record_log.ts";
import { SourceError } from "../../../src/errors.ts";
import { type OpenFile, openFile } from "../../../src/files/byte_source.ts";
import { readRun, type RunRecord } from "./run_record.ts";

/** An open log and what its first records say. */
export interface LogHead {
  readonly file: OpenFile;
  /** Offset where the records begin. */
  readonly start: number;
  /** "v0", "v1", or "no header". */
  readonly format: string;
  /** Version of the client, from the header record or the run's telemetry. */
  readonly version?: string;
  readonly run?: RunRecord;
  /** Why there are no records to be read, when there are none. */
  readonly empty?: string;
}

/** ":W&B", then the magic number 0xBEE1, little endian. */
const ident = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe]);
/** Bytes of the ident and the version behind it. */
const headerBytes = 7;
/** Versions that are read; what a version 1 log has differs in its records alone. */
const newest = 1;
const pointer = "version https://git-lfs";

/**
 * Opens a log and reads as far as its run record.
 * @throws {SourceError} when it is a Git LFS pointer, of a later format version, or no log at all.
 */
export async function openLog(path: string): Promise<LogHead> {
  const file = await openFile(path);
  try {
    return await head(file, path);
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function head(file: OpenFile, path: string): Promise<LogHead> {
  const bytes = Buffer.alloc(256);
  const length = await fill(file, bytes);
  const found = bytes.subarray(0, length);
  if (found.toString("latin1").startsWith(pointer)) throw lfsPointer(path, found);
  if (length < headerBytes && ident.subarray(0, length).equals(found.subarray(0, ident.length))) {
    const empty = length === 0 ? "the log is empty" : "the log ends inside its header";
    return { file, start: 0, format: "no header", empty };
  }
  const isLog = found.subarray(0, ident.length).equals(ident);
  const version = found[ident.length] ?? 0;
  if (isLog && version > newest) throw laterVersion(path, version);
  const start = isLog ? headerBytes : 0;
  const first = await firstRecords(file, start);
  if (!isLog && first.records === 0) throw foreign(path);
  return {
    file,
    start,
    format: isLog ? `v${version}` : "no header",
    ...(first.version === undefined ? {} : { version: first.version }),
    ...(first.run === undefined ? {} : { run: first.run }),
    ...(file.size === headerBytes ? { empty: "the log has a header and no records" } : {}),
  };
}

async function fill(file: OpenFile, into: Buffer): Promise<number> {
  let length = 0;
  while (length < into.length) {
    const got = await file.read(into.subarray(length), length);
    if (got === 0) break;
    length += got;
  }
  return length;
}

interface FirstRecords {
  readonly records: number;
  readonly version?: string;
  readonly run?: RunRecord;
}

/** What the records within the first piece of a log say, up to the run record. */
async function firstRecords(file: OpenFile, start: number): Promise<FirstRecords> {
  let records = 0;
  let producer: string | undefined;
  for await (const items of new RecordLog(file, { start }).items()) {
    for (const item of items) {
      if (item.type === "gap") continue;
      records++;
      const { header, run } = identity(item.payload);
      producer ??= header;
      if (run === undefined) continue;
      const version = producer ?? textOf(run.telemetry?.["cli_version"]);
      return { records, run, ...(version === undefined ? {} : { version }) };
    }
    if (records > 0) break;
  }
  return { records, ...(producer === undefined ? {} : { version: producer }) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The header's producer or the run that a record holds; neither for any other. */
function identity(payload: Buffer): { readonly header?: string; readonly run?: RunRecord } {
  const message = new ProtobufReader(payload);
  try {
    while (message.next()) {
      if (message.field === 17) return { run: readRun(message.message()) };
      if (message.field === 21) {
        const header = producerOf(message.message());
        return header === undefined ? {} : { header };
      }
      message.skip();
    }
  } catch (error) {
    if (!(error instanceof MalformedProtobuf)) throw error;
    return {};
  }
  return {};
}

/** HeaderRecord.version_info.producer, "0.28.2+commit", without the commit. Go clients only. */
function producerOf(header: ProtobufReader): string | undefined {
  while (header.next()) {
    if (header.field !== 1) {
      header.skip();
      continue;
    }
    const info = header.message();
    while (info.next()) {
      if (info.field === 1) return textOf(info.string().split("+")[0]);
      info.skip();
    }
  }
  return undefined;
}

function lfsPointer(path: string, content: Buffer): SourceError {
  const size = /^size (\d+)$/m.exec(content.toString("latin1"))?.[1];
  return new SourceError(
    `Cannot read ${path}: it is a Git LFS pointer to a log of ${size ?? "unknown"} bytes`,
    { hint: "Fetch the content with `git lfs pull`." },
  );
}

function laterVersion(path: string, version: number): SourceError {
  return new SourceError(
    `Cannot read ${path}: its format version is ${version}, and versions 0 to ${newest} are known`,
    { hint: "A newer release of runferry may read it." },
  );
}

function foreign(path: string): SourceError {
  return new SourceError(`Cannot read ${path}: it is not a W&B log`, {
    hint: "Check where the file comes from; it may be another program's.",
  });
}
