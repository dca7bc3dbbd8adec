import { DestinationError, SourceError } from "../../../src/errors.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";
import { arrayOf, numberOf, objectOf, textOf } from "./json_reply.ts";
import { Limiter } from "./limiter.ts";
import { putObject } from "./object_store.ts";
import { notOffered } from "./run_place.ts";
import type { StoredFile } from "./saved_files.ts";
import type { Session } from "./session.ts";

/** Bytes of a part: more than the five MiB that object stores demand, few enough to hold several. */
const partBytes = 8 << 20;
/** Object stores take no more parts than this. */
const mostParts = 10_000;
/** Parts under way at once. */
const mostPuts = 3;
/** How often a file is sent that is refused at some point. */
const mostAttempts = 2;

/** What a host gave to store a file in parts. */
interface Upload {
  readonly id: string;
  /** By number, from 1. */
  readonly urls: ReadonlyMap<number, string>;
}

/**
 * Stores a file of a run in parts of bounded size, reading it once from its beginning. False when
 * the host takes no saved files.
 * @throws {ToolError} when the host refuses it, or it cannot be read.
 */
export async function putParts(
  session: Session,
  runId: string,
  object: StoredFile,
): Promise<boolean> {
  const size = Math.max(partBytes, Math.ceil(object.size / mostParts));
  const count = Math.ceil(object.size / size);
  for (let attempt = 1;; attempt++) {
    const upload = await prepare(session, runId, object, count);
    if (upload === undefined) return false;
    try {
      const tags = await putAll(session, object, upload, size);
      await complete(session, runId, object, upload, tags);
      return true;
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error;
      // Refused is also what was completed already, though the answer was lost, and what took longer
      // than the addresses last.
      if (attempt < mostAttempts) continue;
      await giveUp(session, runId, object);
      throw error;
    }
  }
}

async function prepare(
  session: Session,
  runId: string,
  { path, size, md5, contentType }: StoredFile,
  count: number,
): Promise<Upload | undefined> {
  const what = `announce the saved file ${path} of the run ${runId}`;
  const reply = await session.call({
    method: "POST",
    path: `/experiment/${encodeURIComponent(runId)}/files/prepare-multipart`,
    body: JSON.stringify({ files: [{ path, size, md5, mimeType: contentType, count }] }),
    what,
    accept: notOffered,
  });
  if (notOffered.includes(reply.status)) return undefined;
  const file = objectOf(arrayOf(objectOf(reply.value)["files"])[0]);
  const urls = new Map<number, string>();
  for (const part of arrayOf(file["parts"]).map(objectOf)) {
    const url = textOf(part["url"]);
    if (url !== undefined) urls.set(numberOf(part["partNumber"]) ?? 0, session.absolute(url));
  }
  const id = textOf(file["uploadId"]);
  if (id !== undefined && urls.size === count) return { id, urls };
  throw new UnexpectedResponse(
    `Cannot ${what}: ${urls.size} addresses came for ${count} parts`,
  );
}

/** Puts all parts, a few side by side, and returns their tags by number. */
async function putAll(
  session: Session,
  object: StoredFile,
  upload: Upload,
  size: number,
): Promise<ReadonlyMap<number, string>> {
  const tags = new Map<number, string>();
  const puts = new Limiter(mostPuts);
  const running = new Set<Promise<void>>();
  let number = 0;
  let failure: Error | undefined;
  for await (const bytes of partsOf(object, size)) {
    const part = ++number;
    const url = upload.urls.get(part) ?? "";
    const put = puts.run(async () => {
      const content = {
        path: `${object.path} (part ${part})`,
        contentType: "application/octet-stream",
        size: bytes.length,
        open: () => Promise.resolve(bytes),
      };
      const tag = await putObject(session, url, content, () => Promise.resolve(url));
      tags.set(part, tag ?? "");
    }).catch((error: Error) => {
      failure ??= error;
    }).finally(() => running.delete(put));
    running.add(put);
    if (running.size >= mostPuts) await Promise.race(running);
    if (failure !== undefined) throw failure;
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure;
  return tags;
}

/** The content in pieces of `size` bytes, the last one shorter. */
async function* partsOf(object: StoredFile, size: number): AsyncGenerator<Uint8Array> {
  const content = await object.open();
  const stream = content instanceof Uint8Array ? [content] : content;
  let part = new Uint8Array(size);
  let used = 0;
  let total = 0;
  for await (const piece of stream) {
    total += piece.length;
    for (let at = 0; at < piece.length;) {
      const length = Math.min(size - used, piece.length - at);
      part.set(piece.subarray(at, at + length), used);
      used += length;
      at += length;
      if (used < size) continue;
      yield part;
      part = new Uint8Array(size);
      used = 0;
    }
  }
  if (used > 0) yield part.subarray(0, used);
  if (total !== object.size) {
    throw new SourceError(`Cannot read ${object.path}: it changed while it was sent`);
  }
}

async function complete(
  session: Session,
  runId: string,
  { path }: StoredFile,
  { id }: Upload,
  tags: ReadonlyMap<number, string>,
): Promise<void> {
  const parts = [...tags].sort(([left], [right]) => left - right)
    .map(([partNumber, etag]) => ({ partNumber, etag }));
  await session.call({
    method: "POST",
    path: `/experiment/${encodeURIComponent(runId)}/files/complete-multipart`,
    body: JSON.stringify({ files: [{ path, uploadId: id, parts }] }),
    what: `complete the saved file ${path} of the run ${runId}`,
  });
}

/** Tells the host that a file will not be completed. */
async function giveUp(session: Session, runId: string, { path }: StoredFile): Promise<void> {
  await session.call({
    method: "POST",
    path: `/experiment/${encodeURIComponent(runId)}/files/complete`,
    body: JSON.stringify({ files: [{ path, state: "FAILED" }] }),
    what: `give up the saved file ${path} of the run ${runId}`,
    accept: notOffered,
  });
}
