import type { Atom } from "./event_atoms.ts";
import type { OracleLine } from "./fixture_runs.ts";

/**
 * What events should follow from the records that the clients' own readers give. Written against
 * the oracle's JSON, with nothing of the adapter in it.
 */

const kinds: { readonly [type: string]: string } = { FLOAT: "scalar", SCALAR: "scalar" };

/** ISO time with up to nine digits of fraction, in ms since epoch. */
export function milliseconds(text: string): number {
  const [, seconds = "", fraction = "0"] = /^([^.Z+]+)(?:\.(\d+))?/.exec(text) ?? [];
  return Date.parse(`${seconds}Z`) + Number(fraction.padEnd(6, "0").slice(0, 6)) / 1000;
}

function numberOf(value: unknown): unknown {
  if (value === "NaN") return NaN;
  if (value === "INF" || value === "Infinity") return Infinity;
  return value === "-Infinity" ? -Infinity : value;
}

/** A whole number, exact however long. */
export function integerOf(text: string | number | undefined): number | bigint {
  const number = Number(text ?? 0);
  return Number.isSafeInteger(number) ? number : BigInt(text ?? 0);
}

/** Leaves out what is null, undefined or an empty text. */
function given(fields: Atom): Atom {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) =>
      value !== undefined && value !== null && value !== ""
    ),
  );
}

function notEmpty(object: Atom): Atom | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}

/** The records of one run as atoms; `finish` comes last wherever it stood. */
export function expectedAtoms(lines: readonly OracleLine[], version: string): readonly Atom[] {
  const records = lines.flatMap(({ record }) => record === undefined ? [] : [record]);
  const system = new Set<string>();
  const types = new Map<string, string>();
  for (const record of records) {
    const column = record.column ?? (record.model_type === "Column" ? record.data : undefined);
    if (column === undefined) continue;
    const key = column.key ?? column.column_key;
    if (/SYSTEM/.test(column.cls ?? column.column_class)) system.add(key);
    types.set(key, column.column_type);
  }
  const known: Known = { system, types, version, lastError: undefined };
  const atoms = records.flatMap((record) =>
    record.model_type === undefined ? protobufAtoms(record, known) : jsonAtoms(record, known)
  );
  const isEnd = (atom: Atom): boolean => atom["type"] === "finish";
  return [...atoms.filter((atom) => !isEnd(atom)), ...atoms.filter(isEnd)];
}

interface Known {
  readonly system: ReadonlySet<string>;
  readonly types: ReadonlyMap<string, string>;
  readonly version: string;
  lastError: string | undefined;
}

function jsonAtoms({ model_type: model, data }: OracleLine, known: Known): Atom[] {
  switch (model) {
    case "Column":
      return [jsonColumn(data, known.version)];
    case "Scalar": {
      const { key, step, metric } = data;
      const time = milliseconds(metric.create_time);
      const type = known.system.has(key) ? "system" : "history";
      return [{ type, time, step: integerOf(step), key, value: numberOf(metric.data) }];
    }
    case "Media":
      return [jsonMedia(data, known)];
    case "Log": {
      const stream = { INFO: "stdout", WARN: "stderr", ERROR: "error" }[data.level as "INFO"];
      if (stream === "error") known.lastError = data.message;
      const time = milliseconds(data.create_time);
      return [{ type: "console", time, stream, text: data.message, line: data.epoch }];
    }
    case "Footer": {
      const state = data.success ? "finished" : "failed";
      const error = data.success ? undefined : known.lastError;
      return [given({ type: "finish", time: milliseconds(data.create_time), state, error })];
    }
    default:
      return [];
  }
}

function jsonColumn(data: OracleLine, version: string): Atom {
  // 0.6.2 to 0.6.4 write the local page's section for keys without one.
  const isLocal = ["0.6.2", "0.6.4"].includes(version) && !data.key.includes("/");
  return given({
    type: "metric",
    key: data.key,
    kind: kinds[data.column_type] ?? data.column_type.toLowerCase(),
    system: data.cls === "SYSTEM" || undefined,
    name: data.name,
    section: isLocal ? undefined : data.section_name,
    color: data.metric_color,
    range: data.y_range,
    error: data.error,
    chart: notEmpty(given({
      index: data.chart_index,
      name: data.chart_name,
      metricName: data.metric_name,
      reference: data.chart_reference.toLowerCase(),
      sectionType: data.section_type.toLowerCase(),
      sectionSort: data.section_sort,
    })),
  });
}

function jsonMedia(data: OracleLine, known: Known): Atom {
  const { key, kid, step, metric, buffers_name: buffers } = data;
  const items = metric.data.map((value: string, at: number) =>
    given({
      ...(buffers === null ? {} : { file: { path: `media/${kid}/${value}` } }),
      caption: metric.more?.[at]?.caption,
    })
  );
  if (buffers === null) {
    for (const [at, value] of metric.data.entries()) items[at].text = value;
  }
  const kind = known.types.get(key)?.toLowerCase();
  return { type: "media", time: milliseconds(metric.create_time), step, key, kind, items };
}

function protobufAtoms(record: OracleLine, known: Known): Atom[] {
  const { column, scalar, media, log, save, finish } = record;
  if (column !== undefined) return [protobufColumn(column, milliseconds(record.timestamp))];
  if (scalar !== undefined) {
    const { key, step, timestamp, value } = scalar;
    return [{
      type: known.system.has(key) || key.startsWith("__swanlab__.") ? "system" : "history",
      time: milliseconds(timestamp),
      step: integerOf(step),
      key,
      value: numberOf(value.number ?? 0),
    }];
  }
  if (media !== undefined) return [protobufMedia(media)];
  if (log !== undefined) {
    const { line = "", timestamp, epoch } = log;
    const time = milliseconds(timestamp);
    return [{ type: "console", time, stream: "stdout", text: line, line: Number(epoch) }];
  }
  if (save !== undefined) {
    if (save.type !== undefined) return [];
    return [{ type: "file", time: milliseconds(record.timestamp), name: save.name }];
  }
  if (finish === undefined) return [];
  const state = {
    RUN_STATE_FINISHED: "finished",
    RUN_STATE_CRASHED: "failed",
    RUN_STATE_ABORTED: "aborted",
  }[finish.state as "RUN_STATE_FINISHED"];
  const time = milliseconds(finish.finished_at);
  return [given({ type: "finish", time, state, error: finish.error })];
}

function protobufColumn(column: OracleLine, time: number): Atom {
  const { light, dark } = column.metric_colors ?? {};
  const { min = null, max = null } = column.y_range ?? {};
  const lower = (text: string | undefined): string | undefined =>
    text?.split("_").at(-1)?.toLowerCase();
  return given({
    type: "metric",
    time,
    key: column.column_key,
    kind: lower(column.column_type),
    system: column.column_class === "COLUMN_CLASS_SYSTEM" || undefined,
    name: column.column_name,
    section: column.section_name,
    range: column.y_range === undefined ? undefined : [min, max],
    color: column.metric_colors === undefined ? undefined : [light, dark],
    stepMetric: column.x_axis,
    hidden: column.hidden,
    chart: notEmpty(given({
      sectionType: lower(column.section_type),
      index: column.chart_index,
      name: column.chart_name,
      type: lower(column.chart_type),
      metricName: column.metric_name,
    })),
  });
}

function protobufMedia({ key, step, type, timestamp, value }: OracleLine): Atom {
  const kind = type.split("_").at(-1).toLowerCase();
  return {
    type: "media",
    time: milliseconds(timestamp),
    step: integerOf(step),
    key,
    kind,
    items: value.items.map((item: OracleLine) =>
      given({
        file: {
          path: `media/${kind}/${item.filename}`,
          bytes: Number(item.size ?? 0),
          sha256: item.sha256,
        },
        caption: item.caption,
      })
    ),
  };
}
