import { runById } from "./access.ts";
import { type ByteRange } from "./blob_store.ts";
import type { RunCard } from "./catalog.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import { signedAddress, signedParts } from "./host_address.ts";
import { readFields, streamBody, textField, textsField } from "./read_body.ts";
import { disabled, malformed, notFound, Refusal } from "./refusal.ts";
import { mimeType } from "./mime_type.ts";

/** Contents of media: addresses to put them to and to get them from. */
export function addObjectRoutes(app: HostApp, host: Host): void {
  app.post("/api/resources/presigned/put", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const run = runById(host, context, textField(fields, "experimentId"), "write");
    return answer(context, { urls: addresses(host, context, "PUT", run.id, fields["paths"]) });
  });
  app.post("/api/resources/presigned/get", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const prefix = textField(fields, "prefix");
    const run = runById(host, context, prefix.slice(prefix.indexOf("/") + 1), "read");
    return answer(context, { urls: addresses(host, context, "GET", run.id, fields["paths"]) });
  });
  app.post("/api/files/presigned/get", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const urls = textsField(fields, "paths").map((path) => {
      host.exports.find(path);
      return signedAddress(host, context, "GET", ["export", path]);
    });
    return answer(context, { urls });
  });
}

/** What the signed addresses lead to; they need no login. */
export function addSignedObjectRoutes(app: HostApp, host: Host): void {
  app.put("/api/signed/object/*", async (context) => {
    const [, id = "", ...path] = signedParts(host, context);
    await host.store.change(liveRun(host, id), async (run) => {
      const { bytes, sha256 } = await run.blobs.put(streamBody(context), host.limits.objectBytes);
      await run.add({ type: "object", path: path.join("/"), bytes, sha256 });
    });
    return context.body(null, 200);
  });
  app.get("/api/signed/object/*", async (context) => {
    const [, id = "", ...parts] = signedParts(host, context);
    const path = parts.join("/");
    return await host.store.withRun(liveRun(host, id), (run) => {
      const object = run.details.objects.get(path);
      if (object === undefined) throw notFound(`There is no object ${path}`);
      const read = (range?: ByteRange): AsyncIterable<Uint8Array> =>
        run.blobs.read(object.sha256, range);
      return Promise.resolve(contentAnswer(context, path, object.bytes, read));
    });
  });
}

/** The run of a signed address; the signature stands for the right to it. */
export function liveRun({ store: { catalog } }: Host, id: string): RunCard {
  if (catalog.isDeleted(id)) throw disabled(id);
  const run = catalog.run(id);
  if (run === undefined) throw notFound(`There is no run ${id}`);
  return run;
}

/** Content, or the part of it that a `Range` header asks for. */
export function contentAnswer(
  context: HostContext,
  path: string,
  bytes: number,
  read: (range?: ByteRange) => AsyncIterable<Uint8Array>,
): Response {
  const range = rangeOf(context.req.header("range"), bytes);
  const { start, end } = range ?? { start: 0, end: bytes };
  const headers = {
    "content-type": mimeType(path),
    "content-length": String(end - start),
    "accept-ranges": "bytes",
    ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${bytes}` }),
  };
  const body = bytes === 0 ? "" : ReadableStream.from(read(range)) as ReadableStream<Uint8Array>;
  return context.body(body, range === undefined ? 200 : 206, headers);
}

function rangeOf(header: string | undefined, bytes: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === undefined) return undefined;
  const start = Number(from);
  const end = Math.min(to ? Number(to) + 1 : bytes, bytes);
  if (start < end) return { start, end };
  throw new Refusal(416, {
    code: "Range_Not_Satisfiable",
    reason: "Range Not Satisfiable",
    message: `There are only ${bytes} bytes`,
  });
}

function addresses(
  host: Host,
  context: HostContext,
  method: "GET" | "PUT",
  run: string,
  paths: unknown,
): readonly string[] {
  return textsField({ paths }, "paths").map((path) => {
    // Every client of HTTP takes such parts out of an address before it sends it.
    const bends = path.split("/").some((part) => part === "." || part === "..");
    const isPath = path !== "" && path.length <= 4096 && !path.includes("\0") &&
      path.isWellFormed();
    if (!isPath || (bends && method === "PUT")) {
      throw malformed(`No object can be at ${JSON.stringify(path.slice(0, 100))}`);
    }
    return signedAddress(host, context, method, ["object", run, ...path.split("/")]);
  });
}
