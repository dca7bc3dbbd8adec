import { runById } from "./access.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import {
  asFields,
  type Fields,
  listField,
  readFields,
  readJson,
  textField,
  textsField,
} from "./read_body.ts";
import { stepAnswer, wordOfValue } from "./scalar_table.ts";
import type { SeriesSummary } from "./series_summary.ts";
import type { StoredRun } from "./stored_run.ts";

/** Keys given out at once. */
const mostKeys = 2000;

/** How far a run is, for resuming it, and which keys it has (swanlab-api §7, §8.2). */
export function addSummaryRoutes(app: HostApp, host: Host): void {
  app.get("/api/house/metrics/summaries/:project/:run", async (context) => {
    const run = runById(host, context, context.req.param("run"), "read");
    return answer(context, await host.store.withRun(run, (open) => Promise.resolve(lasts(open))));
  });
  app.post("/api/house/metrics/summaries", async (context) => {
    const body = await readJson(context, host.limits.jsonBytes);
    const fields = Array.isArray(body) ? { experiments: body } : asFields(body);
    const keys = fields["keys"] === undefined ? undefined : textsField(fields, "keys");
    const entries: (readonly [string, unknown])[] = [];
    for (const id of runsOf(fields)) {
      const run = runById(host, context, id, "read");
      entries.push([id, await host.store.withRun(run, (open) => summaries(open, keys))]);
    }
    return answer(context, Object.fromEntries(entries));
  });
  for (const kind of ["scalar", "media"] as const) {
    app.post(`/api/house/metrics/${kind}/keys`, async (context) => {
      const fields = await readFields(context, host.limits.jsonBytes);
      return answer(context, keyPage(await keysOf(host, context, fields, kind), fields));
    });
    app.post(`/api/house/metrics/${kind}/availability`, async (context) => {
      const fields = await readFields(context, host.limits.jsonBytes);
      const owners = await keysOf(host, context, fields, kind);
      const pairs = textsField(fields, "keys").map((key) => [key, owners.get(key) ?? []] as const);
      return answer(context, Object.fromEntries(pairs));
    });
  }
}

function runsOf(fields: Fields): readonly string[] {
  return listField(fields, "experiments").map((one) => textField(asFields(one), "experimentId"));
}

/** The last step of each key, and the last line. Never an empty list of lines: see §11.3. */
function lasts({ console, details, scalars }: StoredRun): object {
  const media = [...details.mediaSteps].map(([key, step]) => ({ key, step: stepAnswer(step) }));
  const scalar = Array.from(
    scalars.lastSteps(),
    ([key, step]) => ({ key, step: stepAnswer(step) }),
  );
  return { log: [{ key: "LOG", step: console.last }], media, scalar };
}

async function summaries(
  { scalars }: StoredRun,
  keys: readonly string[] | undefined,
): Promise<object | null> {
  const found = await scalars.summaries(keys ?? scalars.keys);
  if (found.size === 0) return null;
  return Object.fromEntries([...found].map(([key, summary]) => [key, summaryAnswer(summary)]));
}

function summaryAnswer(summary: SeriesSummary): object {
  const { lastStep, lastValue, minimum, maximum, mean, deviation, points } = summary;
  const low = wordOfValue(minimum?.value ?? NaN);
  const high = wordOfValue(maximum?.value ?? NaN);
  return {
    step: stepAnswer(lastStep),
    value: wordOfValue(lastValue),
    min: { index: stepAnswer(minimum?.step ?? lastStep), data: low },
    max: { index: stepAnswer(maximum?.step ?? lastStep), data: high },
    avg: mean,
    stdDev: deviation,
    minMax: [low, high],
    count: points,
  };
}

/** By key, the runs that have it. */
async function keysOf(
  host: Host,
  context: HostContext,
  fields: Fields,
  kind: "scalar" | "media",
): Promise<Map<string, string[]>> {
  const owners = new Map<string, string[]>();
  for (const id of runsOf(fields)) {
    const run = runById(host, context, id, "read");
    await host.store.withRun(run, ({ details, scalars }) => {
      for (const key of kind === "scalar" ? scalars.keys : details.mediaSteps.keys()) {
        owners.set(key, [...owners.get(key) ?? [], id]);
      }
      return Promise.resolve();
    });
  }
  return owners;
}

function keyPage(owners: ReadonlyMap<string, unknown>, fields: Fields): object {
  const all = [...owners.keys()].sort();
  const { cursor, limit } = fields;
  const most = Math.min(typeof limit === "number" && limit > 0 ? limit : mostKeys, mostKeys);
  const start = typeof cursor === "string" && cursor !== ""
    ? all.findIndex((key) => key > cursor)
    : 0;
  const keys = start < 0 ? [] : all.slice(start, start + most);
  const hasMore = start >= 0 && start + most < all.length;
  return { keys, hasMore, nextCursor: hasMore ? keys.at(-1) ?? "" : "" };
}
