import type { MetricEvent } from "../../../../src/model/event.ts";
import type { JsonObject, MutableJsonObject } from "../../../../src/model/json.ts";
import { allowedKey, ColumnKeys } from "./key_rules.ts";
import type { Losses } from "./losses.ts";
import type { Metric } from "./metric_table.ts";
import type { Column, ColumnType, Outbox } from "./outbox.ts";
import { systemColumn } from "./system_names.ts";

/** What decides how columns are declared. */
export interface ColumnRules {
  /** Whether the run is SwanLab's own, whose keys and sections stay as they are. */
  readonly own: boolean;
  readonly xAxis: "step" | "defined";
}

/** The x axes that are no key. W&B's time since the start has an equal in SwanLab. */
const builtInAxes: ReadonlyMap<string, string | undefined> = new Map([
  ["_step", undefined],
  ["_timestamp", undefined],
  ["_runtime", "_relative_time"],
  ["_relative_time", "_relative_time"],
]);

/** Declares columns, each once and with a key of its own. */
export class Columns<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #losses: Losses;
  readonly #rules: ColumnRules;
  readonly #keys = new ColumnKeys();

  constructor(outbox: Outbox<Series>, losses: Losses, rules: ColumnRules) {
    this.#outbox = outbox;
    this.#losses = losses;
    this.#rules = rules;
  }

  /** Declares the column of a key for values of one type. */
  declare(
    metric: Metric<Series>,
    type: ColumnType,
    defined: MetricEvent | undefined,
  ): Series {
    const monitored = metric.system && !this.#rules.own ? systemColumn(metric.key) : undefined;
    const key = this.#key(metric, monitored?.key ?? metric.key, type);
    const series = this.#outbox.series({
      ...this.#column(metric, key, type, defined),
      ...monitored,
      key,
    });
    if (type === "FLOAT") metric.scalar = series;
    else metric.others.set(type, series);
    return series;
  }

  #key(metric: Metric<Series>, named: string, type: ColumnType): string {
    const { key } = metric;
    const allowed = this.#rules.own ? named : allowedKey(named);
    const wanted = metric.bare ? allowed : allowedKey(`${allowed} (${type.toLowerCase()})`);
    const claimed = this.#keys.claim(wanted, `${key}\0${type}`);
    if (allowed !== named) {
      this.#losses.changed("a key that SwanLab refuses was changed", `${key} → ${claimed}`);
    } else if (claimed !== wanted) {
      this.#losses.changed("two keys would have been one", `${key} → ${claimed}`);
    }
    if (!metric.bare) {
      const example = `${key} → ${claimed}`;
      this.#losses.changed("a key has values of more than one type", example);
    }
    return claimed;
  }

  #column(
    metric: Metric<Series>,
    key: string,
    type: ColumnType,
    defined: MetricEvent | undefined,
  ): Column {
    const xAxis = this.#xAxis(metric.key, type, defined);
    const section = this.#rules.own && defined !== undefined
      ? defined.section
      : defined?.section ?? (metric.system ? undefined : sectionOf(key));
    return {
      key,
      type,
      system: metric.system,
      ...(section === undefined ? {} : { section }),
      ...(xAxis === undefined ? {} : { xAxis }),
      ...(defined?.hidden === undefined ? {} : { hidden: defined.hidden }),
      ...looks(defined, this.#rules.own),
    };
  }

  #xAxis(key: string, type: ColumnType, defined: MetricEvent | undefined): string | undefined {
    const axis = defined?.stepMetric;
    if (axis === undefined || type !== "FLOAT" || this.#rules.xAxis === "step") return undefined;
    if (builtInAxes.has(axis)) return builtInAxes.get(axis);
    if (axis === key) return undefined;
    return this.#rules.own ? axis : allowedKey(axis);
  }
}

/** The part of a key in front of its first slash: the section that SwanLab puts it in by itself. */
function sectionOf(key: string): string | undefined {
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(0, slash) : undefined;
}

/** How a key is shown. What other trackers say about charts is in words of their own. */
function looks(
  defined: MetricEvent | undefined,
  own: boolean,
): Pick<Column, "name" | "colors" | "range" | "chart" | "error"> {
  if (defined === undefined) return {};
  const { name, color, range, chart, error } = defined;
  const [light, dark = light] = typeof color === "string" ? [color] : color ?? [];
  return {
    ...(name === undefined ? {} : { name }),
    ...(light === undefined || dark === undefined ? {} : { colors: [light, dark] }),
    ...(range === undefined ? {} : { range }),
    ...(chart === undefined || !own ? {} : { chart: chartWords(chart) }),
    ...(error === undefined ? {} : { error }),
  };
}

/** What the source calls the parts of a chart, and what the API does (swanlab-api §4.3). */
const chartParts: readonly (readonly [string, string])[] = [
  ["sectionType", "sectionType"],
  ["index", "chartIndex"],
  ["name", "chartName"],
  ["metricName", "metricName"],
];

/** A chart in the words of the API. */
function chartWords(chart: JsonObject): JsonObject {
  const words: MutableJsonObject = {};
  for (const [part, word] of chartParts) {
    const value = chart[part];
    if (value !== undefined && value !== null) words[word] = value;
  }
  return words;
}
