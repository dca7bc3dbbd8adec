import type { JsonObject } from "../model/json.ts";
import type { RunDetails } from "./details.ts";
import type { MetricDetails } from "./metric_details.ts";
import { inspectionJson, present } from "./report_json.ts";

/** What `show --json` prints. */
export function detailsJson(details: RunDetails): JsonObject {
  const { identity, finish } = details;
  return present({
    type: "show",
    ...inspectionJson(details.inspection),
    description: identity?.description,
    jobType: identity?.jobType,
    host: identity?.host,
    exitCode: finish?.exitCode,
    error: finish?.error,
    config: details.config,
    summary: details.summary,
    environment: details.environment,
    metrics: details.metrics.map(metricJson),
    system: details.system.map(metricJson),
    media: details.media.map((media) => ({ ...media })),
    files: some(details.files, (file) => present({ ...file })),
    artifacts: some(details.artifacts, (text) => text),
    alerts: some(
      details.alerts,
      ({ title, text, level, time }) => present({ title, text, level, time }),
    ),
    console: some(
      details.console,
      ({ stream, text, line, time }) => present({ stream, text, line, time }),
    ),
    damage: some(
      details.gaps,
      ({ offset, bytes, reason }) => ({ offset, bytes, reason }),
    ),
    unknown: details.unknown,
  });
}

function metricJson(metric: MetricDetails): JsonObject {
  const { key, points, firstStep, lastStep, last, min, max } = metric;
  return present({ key, points, firstStep, lastStep, last, min, max });
}

function some<Item>(
  { count, items }: { readonly count: number; readonly items: readonly Item[] },
  toJson: (item: Item) => JsonObject | string,
): JsonObject {
  return { count, items: items.map(toJson) };
}
