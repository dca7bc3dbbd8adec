import { randomUUID } from "node:crypto";
import { runById } from "./access.ts";
import type { Blob } from "./blob_store.ts";
import type { RunCard } from "./catalog.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import { signedAddress, signedParts } from "./host_address.ts";
import { contentAnswer, liveRun } from "./object_routes.ts";
import {
  asFields,
  countField,
  type Fields,
  listField,
  optionalText,
  readFields,
  streamBody,
  textField,
} from "./read_body.ts";
import { isPlainPath } from "../../../src/archive/names.ts";
import { malformed, notFound } from "./refusal.ts";
import type { SavedFile, Upload } from "./run_details.ts";
import type { StoredRun } from "./stored_run.ts";

/** Parts that a file may come in. */
const mostParts = 10_000;

/** Files that `swanlab.save` sends (swanlab-api §6), and a list of those that are here. */
export function addSavedFileRoutes(app: HostApp, host: Host): void {
  const files = "/api/experiment/:run/files";
  app.post(`${files}/prepare`, async (context) => {
    const run = writable(host, context);
    const prepared = (await fileFields(host, context)).map(preparedFile);
    await host.store.change(run, async (open) => {
      for (const file of prepared) await open.add({ type: "file", file });
    });
    const urls = prepared.map(({ path }) =>
      signedAddress(host, context, "PUT", ["file", run.id, ...path.split("/")])
    );
    return answer(context, { urls });
  });
  app.post(`${files}/complete`, async (context) => {
    const run = writable(host, context);
    const ended = await fileFields(host, context);
    await host.store.change(run, async (open) => {
      for (const fields of ended) await complete(open, fields);
    });
    return answer(context, {}, 201);
  });
  app.post(`${files}/prepare-multipart`, async (context) => {
    const run = writable(host, context);
    const wanted = await fileFields(host, context);
    return answer(context, {
      files: await host.store.change(run, (open) => prepareParts(host, context, open, wanted)),
    });
  });
  app.post(`${files}/complete-multipart`, async (context) => {
    const run = writable(host, context);
    const ended = await fileFields(host, context);
    await host.store.change(run, async (open) => {
      for (const fields of ended) await completeParts(open, fields);
    });
    return answer(context, {}, 201);
  });
  app.get(files, async (context) => {
    const run = runById(host, context, context.req.param("run"), "read");
    return answer(context, {
      files: await host.store.withRun(run, ({ details }) =>
        Promise.resolve(
          [...details.files.values()].map((file) => fileAnswer(host, context, run.id, file)),
        )),
    });
  });
}

/** What the signed addresses lead to; they need no login. */
export function addSignedFileRoutes(app: HostApp, host: Host): void {
  app.put("/api/signed/file/*", async (context) => {
    const [, id = "", ...path] = signedParts(host, context);
    await host.store.change(liveRun(host, id), async (run) => {
      const file = knownFile(run, path.join("/"));
      const blob = await run.blobs.put(streamBody(context), host.limits.objectBytes);
      await run.add({ type: "file", file: { ...file, ...received(blob) } });
    });
    return context.body(null, 200);
  });
  app.get("/api/signed/file/*", async (context) => {
    const [, id = "", ...parts] = signedParts(host, context);
    return await host.store.withRun(liveRun(host, id), (run) => {
      const { path, sha256, received } = knownFile(run, parts.join("/"));
      if (sha256 === undefined || received === undefined) {
        throw notFound(`The content of ${path} has not arrived`);
      }
      return Promise.resolve(
        contentAnswer(context, path, received.bytes, (range) => run.blobs.read(sha256, range)),
      );
    });
  });
  app.put("/api/signed/part/*", async (context) => {
    const [, id = "", upload = "", number = ""] = signedParts(host, context);
    return await host.store.change(liveRun(host, id), async (run) => {
      const etag = await putPart(host, context, run, upload, Number(number));
      return context.body(null, 200, { etag: `"${etag}"` });
    });
  });
}

function writable(host: Host, context: HostContext): RunCard {
  return runById(host, context, context.req.param("run") ?? "", "write");
}

async function fileFields(host: Host, context: HostContext): Promise<readonly Fields[]> {
  const fields = await readFields(context, host.limits.jsonBytes);
  return listField(fields, "files").map(asFields);
}

function preparedFile(fields: Fields): SavedFile {
  const path = textField(fields, "path");
  if (!isPlainPath(path) || path.length > 4096) {
    throw malformed(`No file can be saved as ${JSON.stringify(path.slice(0, 100))}`);
  }
  return {
    path,
    bytes: countField(fields, "size"),
    md5: optionalText(fields, "md5", "").toLowerCase(),
    mimeType: optionalText(fields, "mimeType", "application/octet-stream"),
    state: "PREPARED",
  };
}

function knownFile(run: StoredRun, path: string): SavedFile {
  const file = run.details.files.get(path);
  if (file === undefined) throw notFound(`The file ${path} was not prepared`);
  return file;
}

function received({ bytes, md5, sha256 }: Blob): Pick<SavedFile, "sha256" | "received"> {
  return { sha256, received: { bytes, md5 } };
}

async function complete(run: StoredRun, fields: Fields): Promise<void> {
  const file = knownFile(run, textField(fields, "path"));
  const state = textField(fields, "state");
  if (state !== "UPLOADED" && state !== "FAILED") {
    throw malformed(`A file cannot be ${JSON.stringify(state)}`);
  }
  if (state === "UPLOADED") proveReceived(file);
  await run.add({ type: "file", file: { ...file, state } });
}

/** @throws {Refusal} when the content is not what was announced. */
function proveReceived({ path, bytes, md5, received }: SavedFile): void {
  if (received === undefined) throw malformed(`The content of ${path} has not arrived`);
  if (received.bytes === bytes && (md5 === "" || received.md5 === md5)) return;
  throw malformed(`The content of ${path} is not what was announced`);
}

async function prepareParts(
  host: Host,
  context: HostContext,
  run: StoredRun,
  wanted: readonly Fields[],
): Promise<readonly object[]> {
  const prepared: object[] = [];
  for (const fields of wanted) {
    const file = preparedFile(fields);
    const count = countField(fields, "count");
    if (count < 1 || count > mostParts) throw malformed(`A file cannot come in ${count} parts`);
    const upload = { id: randomUUID(), path: file.path, bytes: file.bytes, count };
    await run.add({ type: "file", file });
    await run.add({ type: "upload", upload });
    const runId = context.req.param("run") ?? "";
    const parts = Array.from({ length: count }, (_, at) => ({
      partNumber: at + 1,
      url: signedAddress(host, context, "PUT", ["part", runId, upload.id, String(at + 1)]),
    }));
    prepared.push({ path: file.path, uploadId: upload.id, parts });
  }
  return prepared;
}

/** Parts are equally long but for the last one, so each one's place follows from its length. */
async function putPart(
  host: Host,
  context: HostContext,
  run: StoredRun,
  id: string,
  number: number,
): Promise<string> {
  const upload = run.details.uploads.get(id);
  if (upload === undefined) throw notFound("There is no such upload");
  const bytes = Number(context.req.header("content-length") ?? NaN);
  if (!Number.isSafeInteger(bytes)) throw malformed("A part must say its length");
  const offset = number === upload.count ? upload.bytes - bytes : (number - 1) * bytes;
  if (offset < 0 || offset + bytes > upload.bytes) {
    throw malformed(`Part ${number} does not fit into the file`);
  }
  const most = Math.min(bytes, host.limits.objectBytes);
  const { md5 } = await run.blobs.putPart(id, offset, streamBody(context), most);
  await run.add({ type: "part", upload: id, number, part: { offset, bytes, etag: md5 } });
  return md5;
}

async function completeParts(run: StoredRun, fields: Fields): Promise<void> {
  const upload = run.details.uploads.get(textField(fields, "uploadId"));
  const file = knownFile(run, textField(fields, "path"));
  if (upload === undefined || upload.path !== file.path) throw notFound("There is no such upload");
  if (file.state === "UPLOADED") return;
  proveParts(upload, listField(fields, "parts").map(asFields));
  const blob = await run.blobs.join(upload.id, upload.bytes);
  const whole = { ...file, ...received(blob) };
  proveReceived(whole);
  await run.add({ type: "file", file: { ...whole, state: "UPLOADED" } });
}

/** @throws {Refusal} when a part is missing, is another than the client names, or leaves a hole. */
function proveParts(upload: Upload, named: readonly Fields[]): void {
  const etags = new Map<unknown, string>();
  for (const part of named) {
    etags.set(part["partNumber"], optionalText(part, "etag", "").replaceAll('"', ""));
  }
  let end = 0;
  for (let number = 1; number <= upload.count; number++) {
    const part = upload.parts.get(number);
    if (part === undefined || etags.get(number) !== part.etag) {
      throw malformed(`Part ${number} is not here`);
    }
    if (part.offset !== end) throw malformed(`Part ${number} is not as long as the others`);
    end += part.bytes;
  }
  if (end !== upload.bytes) throw malformed(`The parts have ${end} of ${upload.bytes} bytes`);
}

/** A saved file as this host, and no other, lists it. */
function fileAnswer(host: Host, context: HostContext, run: string, file: SavedFile): object {
  const { path, bytes, md5, sha256, received, state, mimeType } = file;
  return {
    path,
    size: received?.bytes ?? bytes,
    md5: received?.md5 ?? md5,
    sha256: sha256 ?? null,
    mimeType,
    state,
    url: signedAddress(host, context, "GET", ["file", run, ...path.split("/")]),
  };
}
