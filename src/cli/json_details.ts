import type { RunDetails } from "./details.ts";
import { inspectionJson, type JsonLine } from "./json_run.ts";
import type { MetricDetails } from "./metric_details.ts";

/** What `show --json` prints. */
export function detailsJson(details: RunDetails): JsonLine {
  const { identity, finish, alerts, console, gaps } = details;
  return {
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
    media: details.media,
    files: details.files,
    artifacts: details.artifacts,
    alerts: {
      count: alerts.count,
      items: alerts.items.map(({ title, text, level, time }) => ({ title, text, level, time })),
    },
    console: {
      count: console.count,
      items: console.items.map(({ stream, text, line, time }) => ({ stream, text, line, time })),
    },
    damage: {
      count: gaps.count,
      items: gaps.items.map(({ offset, bytes, reason }) => ({ offset, bytes, reason })),
    },
    unknown: details.unknown,
  };
}

function metricJson(metric: MetricDetails): JsonLine {
  const { key, points, firstStep, lastStep, last, min, max } = metric;
  return { key, points, firstStep, lastStep, last, min, max };
}
