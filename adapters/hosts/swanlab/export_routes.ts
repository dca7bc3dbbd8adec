import { runById } from "./access.ts";
import type { ConsoleLine } from "./console_log.ts";
import { lineAnswer } from "./console_log.ts";
import type { Export, ExportColumn } from "./export_desk.ts";
import { answer, type Host, type HostApp } from "./host_app.ts";
import { signedAddress, signedParts } from "./host_address.ts";
import { mimeType } from "./mime_type.ts";
import { liveRun } from "./object_routes.ts";
import { readFields, textField } from "./read_body.ts";
import { malformed } from "./refusal.ts";
import { scalarTable } from "./scalar_table.ts";
import { columnRefs } from "./scalar_routes.ts";
import type { StoredRun } from "./stored_run.ts";

/** Lines that a request gets at most. */
const mostLines = 1000;
const mostExported = 500_000;

/** Whole tables of scalars and whole logs (swanlab-api §8.3). */
export function addExportRoutes(app: HostApp, host: Host): void {
  app.post("/api/house/metrics/scalar/export", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const columns = columnRefs(host, context, fields)
      .map(({ run, key, name }) => ({ run: run.id, key, name }));
    if (new Set(columns.map(({ run }) => run)).size > 1) {
      throw malformed("A table holds the columns of one run");
    }
    return answer(context, { cosKey: host.exports.order({ kind: "scalars", columns }) });
  });
  app.get("/api/experiment/:run/column/csv", (context) => {
    const run = runById(host, context, context.req.param("run"), "read");
    const key = context.req.query("key") ?? "";
    const columns = [{ run: run.id, key, name: run.name }];
    const path = host.exports.order({ kind: "scalars", columns });
    return answer(context, { url: signedAddress(host, context, "GET", ["export", path]) });
  });
  app.get("/api/house/metrics/log", async (context) => {
    const { experimentId = "", epoch = "0", size = "" } = context.req.query();
    const run = runById(host, context, experimentId, "read");
    const most = Math.min(Number(size) || mostLines, mostLines);
    return await host.store.withRun(run, async ({ console }) => {
      const logs = await Array.fromAsync(console.lines(Number(epoch) || 0, most), lineAnswer);
      return answer(context, { logs, count: await console.count() });
    });
  });
  app.post("/api/house/metrics/log/export", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const run = runById(host, context, textField(fields, "experimentId"), "read").id;
    const start = Number(fields["start"] ?? 0) || 0;
    const rows = Math.min(Number(fields["rows"] ?? mostExported) || mostExported, mostExported);
    return answer(context, { cosKey: host.exports.order({ kind: "lines", run, start, rows }) });
  });
}

/** What the signed addresses lead to; they need no login. */
export function addSignedExportRoutes(app: HostApp, host: Host): void {
  app.get("/api/signed/export/*", (context) => {
    const [, path = ""] = signedParts(host, context);
    const body = ReadableStream.from(encoded(content(host, host.exports.find(path))));
    return context.body(body as ReadableStream<Uint8Array>, 200, {
      "content-type": mimeType(path),
    });
  });
}

async function* content(host: Host, order: Export): AsyncGenerator<string> {
  const id = order.kind === "scalars" ? order.columns[0]?.run : order.run;
  if (id === undefined) return;
  const write = order.kind === "scalars"
    ? (run: StoredRun): AsyncGenerator<string> => table(run, order.columns)
    : ({ console }: StoredRun): AsyncGenerator<string> =>
      plainLines(console.lines(0, order.start + order.rows), order.start);
  yield* host.store.streamRun(liveRun(host, id), write);
}

function table({ scalars }: StoredRun, columns: readonly ExportColumn[]): AsyncGenerator<string> {
  return scalarTable(scalars, columns.map(({ key }) => key), columns.map(({ name }) => name));
}

async function* plainLines(
  lines: AsyncIterable<ConsoleLine>,
  start: number,
): AsyncGenerator<string> {
  let row = 0;
  for await (const { message } of lines) if (row++ >= start) yield `${message}\n`;
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
