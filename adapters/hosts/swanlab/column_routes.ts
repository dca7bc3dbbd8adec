import { projectOf, runById } from "./access.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import { pageOf } from "./paging.ts";
import { asFields, listField, readFields, readJson, textField } from "./read_body.ts";
import { malformed, notFound } from "./refusal.ts";
import type { SeriesRecord } from "./catalog.ts";
import { isSystem, runColumns } from "./run_columns.ts";
import type { ColumnRecord } from "./run_details.ts";
import type { StoredRun } from "./stored_run.ts";

/** Which keys there are: columns of a run, or series of a project. */
export function addColumnRoutes(app: HostApp, host: Host): void {
  const series = "/api/projects/:workspace/:project/series";
  app.post(series, async (context) => {
    const project = upgraded(host, context, "write");
    const fields = await readFields(context, host.limits.jsonBytes);
    await host.store.catalog.putSeries(project, listField(fields, "series").map(declared));
    return answer(context, {});
  });
  app.get(series, (context) => {
    const project = upgraded(host, context, "read");
    const type = context.req.query("type");
    const all = [...host.store.catalog.seriesOf(project).values()];
    return answer(context, type === undefined ? all : all.filter((one) => one.type === type));
  });
  app.post("/api/experiment/:run/columns", async (context) => {
    const run = runById(host, context, context.req.param("run"), "write");
    const list = await readJson(context, host.limits.jsonBytes);
    if (!Array.isArray(list)) throw malformed("A list of columns is expected");
    const columns = list.map(declared);
    await host.store.change(run, (open) => open.add({ type: "columns", columns }));
    return answer(context, {});
  });
  app.get("/api/experiment/:run/column", async (context) => {
    const run = runById(host, context, context.req.param("run"), "read");
    return await host.store.withRun(run, (open) => {
      const list = columnsOf(open, host.store.catalog.seriesOf(run.project), run.createdAt).filter((
        column,
      ) => matches(context, column));
      if (context.req.query("all") === undefined) {
        return Promise.resolve(answer(context, pageOf(context, list)));
      }
      return Promise.resolve(answer(context, { list, total: list.length }));
    });
  });
}

/** The id of the project in the path; an old host has no such address. */
function upgraded(host: Host, context: HostContext, intent: "read" | "write"): string {
  if (host.projectVersion === 0) throw notFound("This host has no such address");
  const workspace = context.req.param("workspace") ?? "";
  return projectOf(host, context, workspace, context.req.param("project") ?? "", intent).id;
}

function declared(value: unknown): ColumnRecord {
  const fields = asFields(value);
  return { ...fields, key: textField(fields, "key"), type: textField(fields, "type") };
}

/** The columns that clients declared, and those of keys that have points without. */
function columnsOf(
  run: StoredRun,
  series: ReadonlyMap<string, SeriesRecord>,
  createdAt: string,
): readonly ColumnRecord[] {
  const columns = runColumns(run, series);
  const list: ColumnRecord[] = [];
  for (const [key, column] of columns) {
    const name = column["name"] ?? key;
    list.push({ ...column, name, createdAt, ...classified(column, key) });
  }
  const { mediaSteps } = run.details;
  for (const [type, keys] of [["FLOAT", run.scalars.keys], ["MEDIA", mediaSteps.keys()]] as const) {
    for (const key of keys) {
      if (columns.has(key)) continue;
      list.push({ key, name: key, createdAt, ...classified({ key, type }, key) });
    }
  }
  return list;
}

/** New clients declare what is monitored as a type of its own, older ones as a class. */
function classified(
  column: ColumnRecord,
  key: string,
): { readonly class: string; readonly type: string } {
  const { type } = column;
  if (!isSystem(column, key)) return { class: "CUSTOM", type };
  return { class: "SYSTEM", type: type === "SYSTEM" ? "FLOAT" : type };
}

function matches(context: HostContext, column: ColumnRecord): boolean {
  const { search, class: wanted, type } = context.req.query();
  return (search === undefined || String(column["name"]).includes(search)) &&
    (wanted === undefined || column["class"] === wanted) &&
    (type === undefined || column.type === type);
}
