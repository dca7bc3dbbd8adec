import { runById, runIn } from "./access.ts";
import { parseLines } from "./console_log.ts";
import { answer, type Host, type HostApp } from "./host_app.ts";
import { parseMedia } from "./media_items.ts";
import { asFields, listField, optionalText, readJson, textField } from "./read_body.ts";
import { malformed, notFound } from "./refusal.ts";
import { parseScalars } from "./scalar_batch.ts";
import type { StoredRun } from "./stored_run.ts";

/** The one address where points and lines arrive (swanlab-api §4.1). */
export function addMetricRoutes(app: HostApp, host: Host): void {
  app.post("/api/house/metrics", async (context) => {
    const fields = asFields(await readJson(context, host.limits.jsonBytes));
    const run = runById(host, context, textField(fields, "experimentId"), "write");
    const project = host.store.catalog.projectById(
      optionalText(fields, "projectId", run.project),
    );
    if (project === undefined) throw notFound("There is no such project");
    runIn(host, context, project, run.id, "write");
    const type = textField(fields, "type");
    const items = listField(fields, "metrics");
    await host.store.change(run, (open) => store(open, type, items, host.now()));
    return answer(context, {});
  });
}

async function store(
  run: StoredRun,
  type: string,
  items: readonly unknown[],
  now: number,
): Promise<void> {
  switch (type) {
    case "scalar":
      return await run.scalars.append(parseScalars(items, now));
    case "log":
      return await run.console.append(parseLines(items, now));
    case "media":
      return await run.add({ type: "media", items: parseMedia(items, now) });
    default:
      throw malformed(`There are no metrics of type ${JSON.stringify(type)}`);
  }
}
