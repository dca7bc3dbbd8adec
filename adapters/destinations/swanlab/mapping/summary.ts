import type { SummaryEvent } from "../../../../src/model/event.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../../../../src/model/json.ts";
import type { Metric } from "./metric_table.ts";
import type { Metrics } from "./metrics.ts";
import { merged, without } from "./nested.ts";

/** What W&B puts into every summary by itself. */
const internal = new Set(["_runtime", "_timestamp", "_step", "_wandb"]);
/** What W&B computes of a key when `define_metric` asks for it. */
const aggregates = new Set(["min", "max", "mean", "first", "last", "best"]);

/** Collects the summary, and tells which of it was set by hand. */
export class SummaryMapping<Series> {
  readonly #metrics: Metrics<Series>;
  #summary: JsonObject = {};
  /** Whether the client puts nulls and empty objects of the history into the summary. */
  readonly #withNothings: boolean;

  /** `version` is the client's: those in Go, the default from 0.18, leave such of a row out. */
  constructor(metrics: Metrics<Series>, version: string | undefined) {
    this.#metrics = metrics;
    const [, major = 0, minor = 0] = /^(\d+)\.(\d+)/.exec(version ?? "")?.map(Number) ?? [];
    this.#withNothings = major === 0 && minor < 18;
  }

  map({ set, remove = [] }: SummaryEvent): void {
    this.#summary = merged(this.#summary, set);
    for (const path of remove) this.#summary = without(this.#summary, path);
  }

  /** The values that nothing in the history explains; undefined when there are none. */
  byHand(): JsonObject | undefined {
    const rest: MutableJsonObject = {};
    for (const [key, value] of Object.entries(this.#summary)) {
      if (internal.has(key) || (this.#withNothings && isEmpty(value))) continue;
      const own = this.#unexplained([key], value);
      if (own !== undefined) setKey(rest, key, own);
    }
    return Object.keys(rest).length === 0 ? undefined : rest;
  }

  #unexplained(path: readonly string[], value: Json): Json | undefined {
    const name = path.join(".");
    const metric = this.#metrics.user.find(name);
    const counts = value !== null || this.#withNothings;
    if (metric !== undefined && counts && isLast(metric, value)) return undefined;
    if (!isObject(value) || typeof value["_type"] === "string") return value;
    const asked = metric === undefined ? undefined : this.#metrics.definitions.of(name)?.summary;
    const entries = Object.entries(value);
    const rest: MutableJsonObject = {};
    for (const [key, property] of entries) {
      if (asked !== undefined && aggregates.has(key)) continue;
      const own = this.#unexplained([...path, key], property);
      if (own !== undefined) setKey(rest, key, own);
    }
    return entries.length > 0 && Object.keys(rest).length === 0 ? undefined : rest;
  }
}

function isEmpty(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** Whether a summary value is what its key had last in the history. */
function isLast<Series>(metric: Metric<Series>, value: Json): boolean {
  if (metric.last !== undefined && sameValue(metric.last, value)) return true;
  if (metric.media === undefined || !isObject(value)) return false;
  if (typeof value["_type"] !== "string") return false;
  const { path } = value;
  if (typeof path !== "string") return true;
  return metric.media.some(({ file }) =>
    file === undefined || file.path === `files/${path}` || file.path.endsWith(path)
  );
}

/** Whether two values are equal. NaN that was set by hand is null, and so not the NaN of a row. */
function sameValue(last: Json, value: Json): boolean {
  if (Object.is(last, value) || last === value) return true;
  if (typeof last === "bigint" || typeof value === "bigint") return last == value;
  if (Array.isArray(last) && Array.isArray(value)) {
    return last.length === value.length &&
      last.every((item: Json, at) => sameValue(item, value[at] as Json));
  }
  if (!isObject(last) || !isObject(value)) return false;
  const keys = Object.keys(last);
  return keys.length === Object.keys(value).length &&
    keys.every((key) =>
      Object.hasOwn(value, key) && sameValue(last[key] as Json, value[key] as Json)
    );
}
