import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import { type Fields, readFields } from "./read_body.ts";
import type { MediaRecord } from "./run_details.ts";
import { columnRefs } from "./scalar_routes.ts";
import { stepAnswer } from "./scalar_table.ts";

/** Media points, at one step or at all (swanlab-api §8.3). */
export function addMediaRoutes(app: HostApp, host: Host): void {
  app.post("/api/house/metrics/media", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const columns = await mediaOf(host, context, fields);
    const all = columns.flatMap(({ points }) => points.map(({ step }) => step));
    const steps = [...new Set(all)].sort((left, right) => left - right);
    const { step = steps.at(-1) ?? null } = fields;
    const metrics = columns.flatMap(({ key, points }) =>
      points.filter((point) => point.step === step)
        .map(({ data, more, time }) => ({ key, data, more, timestamp: Math.floor(time) }))
    );
    return answer(context, {
      steps: steps.map(stepAnswer),
      step,
      metrics: metrics.length === 0 ? null : metrics,
    });
  });
  app.post("/api/house/metrics/f_media", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const columns = await mediaOf(host, context, fields);
    return answer(
      context,
      columns.map(({ key, points }) =>
        points.length === 0 ? null : {
          key,
          metrics: points.map(({ step, data, more, time }) => ({
            index: stepAnswer(step),
            data,
            more,
            timestamp: Math.floor(time),
          })),
        }
      ),
    );
  });
}

interface MediaColumn {
  readonly key: string;
  readonly points: readonly MediaRecord[];
}

async function mediaOf(
  host: Host,
  context: HostContext,
  fields: Fields,
): Promise<readonly MediaColumn[]> {
  const refs = columnRefs(host, context, fields);
  const columns: MediaColumn[] = [];
  for (const run of new Set(refs.map((ref) => ref.run))) {
    const keys = refs.filter((ref) => ref.run === run).map(({ key }) => key);
    const media = await host.store.withRun(run, (open) => open.media(new Set(keys)));
    for (const key of keys) columns.push({ key, points: media.get(key) ?? [] });
  }
  return columns;
}
