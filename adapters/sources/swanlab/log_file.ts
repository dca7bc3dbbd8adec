import { isMalformed } from "./log_decoder.ts";
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { RecordLog } from "../../../src/codec/record_log.ts";
import { SourceError } from "../../../src/errors.ts";
import { type ByteSource, type OpenFile, openFile } from "../../../src/files/byte_source.ts";
import { beginningBytes, logBeginning } from "../../../src/files/log_beginning.ts";
import type { IdentityPart } from "./identity.ts";
import { jsonRecords } from "./json_log.ts";
import type { RecordFormat } from "./log_decoder.ts";
import { protobufRecords } from "./protobuf_log.ts";

/** The file header but for its last byte, the format version: ":SWL" and half a checksum. */
export const magic: Buffer = Buffer.from([0x3a, 0x53, 0x57, 0x4c, 0xd6, 0xe1]);
/** Bytes of the file header. */
const headerBytes = 7;
/** Offset of the first record's first byte: behind the file's and the frame's header. */
const firstPayload = 14;
const newestVersion = 2;
const pointer = "version https://git-lfs.github.com/spec/";
/** Records that are looked at for who the run is. */
const mostLooked = 64;

/** A log whose format is known; nothing is held open. */
export interface RunLog {
  /** Absolute path. */
  readonly path: string;
  /** Offset of the first frame. */
  readonly start: number;
  /** "G2 v1", "G3 v2": the generation and the version byte; "?" for one that is damaged. */
  readonly label: string;
  readonly records: RecordFormat;
  /** What the first records say of who the run is, in their order. */
  readonly identity: readonly IdentityPart[];
  /** Hash of its first bytes; undefined while it has not so many. */
  readonly beginning: string | undefined;
}

/** A file that is no log, or is one without a single record. */
export interface NoLog {
  readonly bytes: number;
  /** Whether it can be the beginning of a log: empty, or a header and nothing that can be read. */
  readonly isBegun: boolean;
  readonly reason: string;
}

/**
 * Looks into a log and finds out how it is written. The version byte alone does not tell: 1 stands
 * for JSON in 0.6.8 to 0.7.20 and for protobuf in 0.8.0rc1 and rc2, so the first record decides.
 * @throws {SourceError} when it cannot be read, is a Git LFS pointer, or its version is not known.
 */
export async function findLog(path: string): Promise<RunLog | NoLog> {
  await using file = await openFile(path);
  const head = await readHead(file);
  if (head.toString("latin1").startsWith(pointer)) throw isPointer(path);
  const hasMagic = head.subarray(0, magic.length).equals(magic);
  const version = head[magic.length];
  if (hasMagic && version !== undefined && version > newestVersion) {
    throw unknownVersion(path, version);
  }
  const start = hasMagic ? headerBytes : 0;
  const found = await lookInto(path, file, start, head);
  if ("reason" in found) {
    const isBegun = hasMagic || magic.subarray(0, head.length).equals(head);
    return { bytes: file.size, isBegun, reason: found.reason };
  }
  const generation = found.records === jsonRecords ? "G2" : "G3";
  const known = version !== undefined && version <= newestVersion;
  const label = `${generation} v${known ? version : "?"}`;
  return { path, start, label, ...found, beginning: logBeginning(head) };
}

/** The records of an open log; `growing` of one that somebody still writes. */
export function recordsOf(
  file: ByteSource,
  { start, records }: Pick<RunLog, "start" | "records">,
  growing: boolean = false,
): RecordLog {
  return new RecordLog(file, {
    start,
    header: magic,
    interposed: true,
    accept: records.accepts,
    growing,
  });
}

async function readHead(file: OpenFile): Promise<Buffer> {
  const head = Buffer.alloc(beginningBytes);
  const got = await file.read(head, 0);
  return head.subarray(0, got);
}

/** Reads the first records; a reason when there is none. */
async function lookInto(
  path: string,
  file: OpenFile,
  start: number,
  head: Buffer,
): Promise<
  | { readonly records: RecordFormat; readonly identity: IdentityPart[] }
  | { readonly reason: string }
> {
  const hint = formatOf(head[firstPayload]) ??
    (basename(path) === "backup.swanlab" ? jsonRecords : protobufRecords);
  const log = recordsOf(file, { start, records: hint });
  for await (const items of log.items()) {
    const payloads = items.flatMap((item) => item.type === "record" ? [item.payload] : []);
    const [first] = payloads;
    if (first === undefined) continue;
    const records = formatOf(first[0]) ?? hint;
    return { records, identity: identify(records, payloads) };
  }
  if (file.size === 0) return { reason: "the log is empty" };
  if (file.size <= headerBytes) return { reason: "the log holds no record" };
  return { reason: log.tail?.reason ?? "the log holds no record" };
}

/** How a record is written that begins with this byte: "{" of a JSON object, or field 1 of protobuf. */
function formatOf(byte: number | undefined): RecordFormat | undefined {
  if (byte === 0x7b) return jsonRecords;
  return byte === 0x08 ? protobufRecords : undefined;
}

function identify(
  records: RecordFormat,
  payloads: readonly Buffer[],
): IdentityPart[] {
  const parts: IdentityPart[] = [];
  for (const payload of payloads.slice(0, mostLooked)) {
    const part = records.accepts(payload) ? identityIn(records, payload) : undefined;
    if (part === undefined) continue;
    parts.push(part);
    if (part.id !== undefined) break;
  }
  return parts;
}

/** What a record says of the run's identity; nothing when it cannot be decoded. */
function identityIn(records: RecordFormat, payload: Buffer): IdentityPart | undefined {
  try {
    return records.identify(payload);
  } catch (error) {
    if (isMalformed(error)) return undefined;
    throw error;
  }
}

function isPointer(path: string): SourceError {
  return new SourceError(
    `Cannot read ${path}: it is a Git LFS pointer, not the log itself`,
    { hint: "Run `git lfs pull` in its repository, then try again." },
  );
}

function unknownVersion(path: string, version: number): SourceError {
  return new SourceError(
    `Cannot read ${path}: its format version is ${version}, and the newest known is ${newestVersion}`,
    { hint: "Update runferry; a newer SwanLab may have written this run." },
  );
}
