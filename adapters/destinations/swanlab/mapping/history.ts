import type { HistoryEvent, HistoryValue, SystemEvent } from "../../../../src/model/event.ts";
import { jsonText } from "./json_text.ts";
import type { Losses } from "./losses.ts";
import type { Metric } from "./metric_table.ts";
import type { Metrics } from "./metrics.ts";
import type { Outbox } from "./outbox.ts";
import { keptStep } from "./step.ts";

/** What rows become: numbers are scalars, texts and lists are texts. */
export class HistoryMapping<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #metrics: Metrics<Series>;
  readonly #losses: Losses;

  constructor(outbox: Outbox<Series>, metrics: Metrics<Series>, losses: Losses) {
    this.#outbox = outbox;
    this.#metrics = metrics;
    this.#losses = losses;
  }

  /** The hot path: no allocation per value. */
  map({ seq, step, time, values }: HistoryEvent): void {
    const at = keptStep(step, seq, this.#losses);
    if (at === undefined) return;
    const metrics = this.#metrics;
    const outbox = this.#outbox;
    const keys = Object.keys(values);
    for (let place = 0; place < keys.length; place++) {
      const key = keys[place] as string;
      const value = values[key] as HistoryValue;
      const metric = metrics.user.at(place, key);
      metric.last = value;
      if (typeof value === "number") {
        outbox.scalar(metric.scalar ?? metrics.scalar(metric), seq, at, time, value);
      } else {
        this.#other(metric, { seq, step: at, time, value });
      }
    }
  }

  /** Samples without a step count by their order. */
  sample({ seq, step, time, values }: SystemEvent, ordinal: number): void {
    const at = step === undefined ? ordinal : keptStep(step, seq, this.#losses);
    if (at === undefined) return;
    const keys = Object.keys(values);
    for (let place = 0; place < keys.length; place++) {
      const key = keys[place] as string;
      const metric = this.#metrics.system.at(place, key);
      const series = metric.scalar ?? this.#metrics.scalar(metric);
      this.#outbox.scalar(series, seq, at, time, values[key] as number);
    }
  }

  #other(metric: Metric<Series>, { seq, step, time, value }: Cell): void {
    const { key } = metric;
    switch (typeof value) {
      case "boolean":
        this.#outbox.scalar(this.#metrics.scalar(metric), seq, step, time, value ? 1 : 0);
        return;
      case "bigint":
        this.#integer(metric, { seq, step, time, value });
        return;
      case "string":
        this.#text(metric, { seq, step, time, value });
        return;
      default:
    }
    if (value === null) this.#losses.unsupported(seq, "null is no value that SwanLab has", key);
    else this.#text(metric, { seq, step, time, value: jsonText(value, "bare") });
  }

  #integer(metric: Metric<Series>, { seq, step, time, value }: Cell<bigint>): void {
    const number = Number(value);
    if (!Number.isFinite(number) || BigInt(number) !== value) {
      const example = `${metric.key}: ${value}`;
      this.#losses.converted(seq, "an integer beyond 2^53 was rounded", example);
    }
    const series = this.#metrics.scalar(metric);
    const digits = Number.isFinite(number) ? value.toString() : undefined;
    this.#outbox.scalar(series, seq, step, time, number, digits);
  }

  #text(metric: Metric<Series>, { seq, step, time, value }: Cell<string>): void {
    this.#outbox.media(this.#metrics.media(metric, "TEXT"), {
      seq,
      step,
      ...(time === undefined ? {} : { time }),
      items: [{ text: value, folder: "text", ending: "txt" }],
    });
  }
}

/** One value of a row. */
interface Cell<Value = Exclude<HistoryValue, number>> {
  readonly seq: number;
  readonly step: number;
  readonly time: number | undefined;
  readonly value: Value;
}
