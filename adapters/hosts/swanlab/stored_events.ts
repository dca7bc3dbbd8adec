import type { LosslessValue } from "../../../src/codec/lossless_json.ts";
import type {
  FinishEvent,
  IdentityEvent,
  MediaEvent,
  MetricEvent,
  MetricKind,
  RunEvent,
} from "../../../src/model/event.ts";
import { isObject, type Json, type MutableJsonObject, setKey } from "../../../src/model/json.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import { parseIsoTime } from "./iso_time.ts";
import { mediaItems } from "./media_items.ts";
import { isSystem, runColumns } from "./run_columns.ts";
import type { ColumnRecord, MediaRecord } from "./run_details.ts";
import { scalarRows } from "./scalar_rows.ts";
import type { Stored } from "./stored_reader.ts";

/** An event without its number, which depends on where it comes to stand. */
export type Unnumbered = RunEvent extends infer Event
  ? Event extends RunEvent ? Omit<Event, "seq"> : never
  : never;

/** Events in the order of a run, in arrays of a bounded length. */
export type StoredEvents = AsyncGenerator<readonly Unnumbered[]>;

/** Saved files are named below this folder, as they are in SwanLab's own run directories. */
export const savedFolder = "files/";

const kinds: { readonly [type: string]: MetricKind } = {
  FLOAT: "scalar",
  IMAGE: "image",
  AUDIO: "audio",
  TEXT: "text",
  VIDEO: "video",
  ECHARTS: "echarts",
  OBJECT3D: "object3d",
  MOLECULE: "molecule",
  HTML: "html",
};

const states: { readonly [state: string]: FinishEvent["state"] } = {
  FINISHED: "finished",
  CRASHED: "failed",
  ABORTED: "aborted",
};

const streams = { WARN: "stderr", ERROR: "error" } as const;
/** Lines and media points in one array. */
const mostTogether = 1024;

/** Everything that clients sent of a run, as the events that they sent it for. */
export async function* storedEvents(stored: Stored, info: RunInfo): StoredEvents {
  const { run: { scalars, console } } = stored;
  yield [identity(stored, info), ...profileEvents(stored)];
  const columns = runColumns(stored.run, stored.series);
  yield* chunked([...columns.values()].map(metricEvent));
  const system = new Set([...scalars.keys].filter((key) => isSystem(columns.get(key), key)));
  yield* scalarRows(scalars, system);
  yield* mediaEvents(stored, columns);
  let lines: Unnumbered[] = [];
  for await (const { epoch, level, message, time } of console.lines(-1, Infinity)) {
    const stream = level === "WARN" || level === "ERROR" ? streams[level] : "stdout";
    lines.push({ type: "console", time, stream, text: message, line: epoch });
    if (lines.length < mostTogether) continue;
    yield lines;
    lines = [];
  }
  yield* chunked([...lines, ...fileEvents(stored), ...ending(stored)]);
}

function* chunked(events: readonly Unnumbered[]): Generator<readonly Unnumbered[]> {
  for (let at = 0; at < events.length; at += mostTogether) {
    yield events.slice(at, at + mostTogether);
  }
}

function identity({ card }: Stored, info: RunInfo): Omit<IdentityEvent, "seq"> {
  const { id, name, project, workspace, startedAt, writer } = info;
  return {
    type: "run",
    id,
    ...(name === undefined ? {} : { name }),
    ...(project === undefined ? {} : { project }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(card.description === "" ? {} : { description: card.description }),
    ...(card.labels.length === 0 ? {} : { tags: card.labels.map((label) => label.name) }),
    ...(card.cluster === "" ? {} : { group: card.cluster }),
    ...(card.job === "" ? {} : { jobType: card.job }),
    ...(startedAt === undefined ? {} : { startedAt }),
    color: card.colors,
    writer,
  };
}

function profileEvents({ run: { details: { profile } } }: Stored): readonly Unnumbered[] {
  const events: Unnumbered[] = [];
  const set = configOf(profile.config);
  if (set !== undefined) events.push({ type: "config", set });
  const { metadata, requirements, conda } = profile;
  if (metadata === undefined && requirements === undefined && conda === undefined) return events;
  events.push({
    type: "environment",
    ...(isObject(metadata) ? { metadata } : {}),
    ...(typeof requirements === "string" ? { requirements } : {}),
    ...(typeof conda === "string" ? { conda } : {}),
  });
  return events;
}

/** The values of `{key: {value, desc, sort}}`, in the order of `sort`. */
function configOf(config: LosslessValue | undefined): MutableJsonObject | undefined {
  if (!isObject(config)) return undefined;
  const entries = Object.entries(config).sort(([, left], [, right]) =>
    sortOf(left) - sortOf(right)
  );
  const set: MutableJsonObject = {};
  for (const [key, field] of entries) {
    setKey(
      set,
      key,
      isObject(field) && Object.hasOwn(field, "value") ? field["value"] ?? null : field,
    );
  }
  return set;
}

function sortOf(field: Json): number {
  const sort = isObject(field) ? field["sort"] : undefined;
  return typeof sort === "number" ? sort : Infinity;
}

function metricEvent(column: ColumnRecord): Unnumbered {
  const { key, type } = column;
  const range = column["yRange"] as MetricEvent["range"];
  const color = column["metricColors"] as MetricEvent["color"];
  const chart = chartOf(column);
  return {
    type: "metric",
    key,
    ...(type === "SYSTEM" ? { kind: "scalar" } : { kind: kinds[type] ?? type.toLowerCase() }),
    ...(isSystem(column, key) ? { system: true } : {}),
    ...text(column, "name", "name"),
    ...text(column, "sectionName", "section"),
    ...text(column, "xAxis", "stepMetric"),
    ...(column["hidden"] === true ? { hidden: true } : {}),
    ...(Array.isArray(range) ? { range } : {}),
    ...(Array.isArray(color) ? { color } : {}),
    ...(isObject(column["error"] as Json) ? { error: column["error"] as MutableJsonObject } : {}),
    ...(chart === undefined ? {} : { chart }),
  };
}

function chartOf(column: ColumnRecord): MutableJsonObject | undefined {
  const sectionType = column["sectionType"];
  const chart: MutableJsonObject = {
    ...(typeof sectionType === "string" ? { sectionType: sectionType.toLowerCase() } : {}),
    ...text(column, "chartIndex", "index"),
    ...text(column, "chartName", "name"),
    ...text(column, "metricName", "metricName"),
  };
  return Object.keys(chart).length === 0 ? undefined : chart;
}

/** A text of a column under the name that events have for it, if it has one. */
function text<Name extends string>(
  column: ColumnRecord,
  field: string,
  name: Name,
): { readonly [Key in Name]?: string } {
  const value = column[field];
  if (typeof value !== "string" || value === "") return {};
  return { [name]: value } as { readonly [Key in Name]?: string };
}

async function* mediaEvents(
  { run }: Stored,
  columns: ReadonlyMap<string, ColumnRecord>,
): StoredEvents {
  for (const key of run.details.mediaSteps.keys()) {
    const points = (await run.media(new Set([key]))).get(key) ?? [];
    yield* chunked(points.map((point) => mediaEvent(point, columns.get(key), run.details.objects)));
  }
}

function mediaEvent(
  point: MediaRecord,
  column: ColumnRecord | undefined,
  objects: Stored["run"]["details"]["objects"],
): Omit<MediaEvent, "seq"> {
  const { key, step, time } = point;
  const [, folder] = /^media\/([a-z0-9]+)\//.exec(String(point.data[0])) ?? [];
  const kind = kinds[column?.type ?? ""] ?? folder ?? "text";
  return { type: "media", time, step, key, kind, items: mediaItems(point, objects) };
}

function fileEvents({ run: { details } }: Stored): readonly Unnumbered[] {
  return [...details.files.values()].flatMap(({ path, received, sha256 }) => {
    if (received === undefined || sha256 === undefined) return [];
    const file = { path: `${savedFolder}${path}`, bytes: received.bytes, sha256 };
    return [{ type: "file", name: path, file, purpose: "saved" } as const];
  });
}

function ending({ card }: Stored): readonly Unnumbered[] {
  const state = states[card.state];
  if (state === undefined) return [];
  const time = parseIsoTime(card.finishedAt ?? "");
  return [{ type: "finish", state, ...(Number.isNaN(time) ? {} : { time }) }];
}
