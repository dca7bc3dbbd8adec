import type { MediaItem } from "../../../../src/model/event.ts";
import type { Json } from "../../../../src/model/json.ts";
import type { ColumnType } from "./outbox.ts";

/** A key of the run and its columns: one for each type of value that it got. */
export class Metric<Series> {
  /** As the tracker calls it. */
  readonly key: string;
  readonly system: boolean;
  /** Its column for numbers, once there is one. */
  scalar: Series | undefined;
  /** Its columns for everything else. */
  readonly others: Map<ColumnType, Series> = new Map();
  /** The last value in the history. */
  last: Json | undefined;
  /** The last media. */
  media: readonly MediaItem[] | undefined;

  constructor(key: string, system: boolean) {
    this.key = key;
    this.system = system;
  }

  /** Whether it has no column yet. */
  get bare(): boolean {
    return this.scalar === undefined && this.others.size === 0;
  }
}

/** The keys of a run. Rows mostly have the same keys in the same places, so that is tried first. */
export class MetricTable<Series> {
  readonly #system: boolean;
  readonly #metrics = new Map<string, Metric<Series>>();
  readonly #names: string[] = [];
  readonly #places: Metric<Series>[] = [];

  /** A table of the user's keys, or of the tracker's own monitoring. */
  constructor(system: boolean) {
    this.#system = system;
  }

  /** The key that stands at a place of its row. */
  at(place: number, key: string): Metric<Series> {
    if (this.#names[place] === key) return this.#places[place] as Metric<Series>;
    const metric = this.of(key);
    this.#names[place] = key;
    this.#places[place] = metric;
    return metric;
  }

  of(key: string): Metric<Series> {
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      metric = new Metric(key, this.#system);
      this.#metrics.set(key, metric);
    }
    return metric;
  }

  /** The key if the run has used it. */
  find(key: string): Metric<Series> | undefined {
    return this.#metrics.get(key);
  }
}
