import { runById } from "./access.ts";
import type { RunCard } from "./catalog.ts";
import { downsample } from "./downsample.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import type { Points } from "./points.ts";
import {
  asFields,
  type Fields,
  listField,
  optionalText,
  readFields,
  textField,
} from "./read_body.ts";
import { malformed } from "./refusal.ts";
import { stepAnswer, wordOfValue } from "./scalar_table.ts";
import { SeriesSummary } from "./series_summary.ts";

/** Points that a curve is drawn with at most, as official servers have it. */
const mostDrawn = 1500;

/** A key of a run, as a request names it. */
export interface ColumnRef {
  readonly run: RunCard;
  readonly key: string;
  /** How the run is called in tables. */
  readonly name: string;
}

/** Scalars as they are drawn, and what they amount to (swanlab-api §8.3). */
export function addScalarRoutes(app: HostApp, host: Host): void {
  app.post("/api/house/metrics/scalar", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const most = typeof fields["num"] === "number" ? fields["num"] : mostDrawn;
    const byTime = optionalText(fields, "xType", "step") !== "step";
    const curves: object[] = [];
    for (const [{ key }, points] of await pointsOf(host, columnRefs(host, context, fields))) {
      curves.push({ key, metrics: curve(points, Math.min(most, mostDrawn), byTime) });
    }
    return answer(context, curves);
  });
  app.post("/api/house/metrics/scalar/value", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const byTime = optionalText(fields, "xType", "step") !== "step";
    const values: object[] = [];
    for (const [{ key }, points] of await pointsOf(host, columnRefs(host, context, fields))) {
      if (points.steps.length > 0) values.push({ key, ...statistics(points, byTime) });
    }
    return answer(context, values);
  });
}

/**
 * The columns that a request names.
 * @throws {Refusal} when there is no such run, or the caller may not see it.
 */
export function columnRefs(
  host: Host,
  context: HostContext,
  fields: Fields,
): readonly ColumnRef[] {
  const columns = listField(fields, "columns");
  if (columns.length > 1000) throw malformed("More than 1000 columns at once");
  return columns.map((value) => {
    const column = asFields(value);
    const run = runById(host, context, textField(column, "experimentId"), "read");
    return {
      run,
      key: textField(column, "key"),
      name: optionalText(column, "experimentName", run.name),
    };
  });
}

async function pointsOf(
  host: Host,
  refs: readonly ColumnRef[],
): Promise<readonly (readonly [ColumnRef, Points])[]> {
  const byRun = new Map<RunCard, ColumnRef[]>();
  for (const ref of refs) byRun.set(ref.run, [...byRun.get(ref.run) ?? [], ref]);
  const found: (readonly [ColumnRef, Points])[] = [];
  for (const [run, columns] of byRun) {
    const points = await host.store.withRun(
      run,
      ({ scalars }) => scalars.points(columns.map(({ key }) => key)),
    );
    for (const column of columns) {
      const of = points.get(column.key);
      if (of !== undefined) found.push([column, of]);
    }
  }
  return found;
}

function curve(points: Points, most: number, byTime: boolean): readonly object[] {
  return downsample(points, most).map((at) => {
    const timestamp = Math.floor(points.times[at] ?? 0);
    const step = points.steps[at] ?? 0;
    return {
      index: byTime ? timestamp : stepAnswer(step),
      data: wordOfValue(points.values[at] ?? NaN),
      timestamp,
    };
  });
}

function statistics(points: Points, byTime: boolean): object {
  const { minimum, maximum, mean, lastStep, lastValue } = SeriesSummary.of(points);
  const at = (step: number, value: number): object => {
    const place = points.steps.indexOf(step);
    const index = byTime ? Math.floor(points.times[place] ?? 0) : stepAnswer(step);
    return { index, data: wordOfValue(value) };
  };
  return {
    min: minimum && at(minimum.step, minimum.value),
    max: maximum && at(maximum.step, maximum.value),
    avg: at(lastStep, mean),
    median: at(lastStep, median(points)),
    latest: at(lastStep, lastValue),
  };
}

/** The middle one of the values that are numbers. */
function median({ values }: Points): number {
  const sorted = values.filter((value) => value === value).sort();
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}
