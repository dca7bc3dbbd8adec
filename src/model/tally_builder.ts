import { Digest, DigestSum } from "./digest.ts";
import type { EventType, HistoryEvent, MediaEvent, RunEvent, SystemEvent } from "./event.ts";
import type { Integer, Json } from "./json.ts";
import { setKey } from "./json.ts";
import type { FileTally, MetricTally, Tally } from "./tally.ts";

/** The growing tally of one key. */
class MetricBuilder {
  points = 0;
  firstStep: Integer | undefined;
  lastStep: Integer | undefined;
  last: Json = null;
  readonly sum: DigestSum = new DigestSum();
  /** Digest of the key itself, so that a row's digest tells which key has which value. */
  readonly key: Digest;

  constructor(key: string) {
    this.key = new Digest().text(key);
  }

  /** Counts `points` more at `step`. Samples of the system without a step count by order. */
  add(step: Integer, value: Json, points: number): void {
    this.points += points;
    if (this.firstStep === undefined || step < this.firstStep) {
      this.firstStep = step;
    }
    if (this.lastStep === undefined || step >= this.lastStep) {
      this.lastStep = step;
      this.last = value;
    }
  }

  result(): MetricTally {
    return {
      points: this.points,
      firstStep: this.firstStep ?? 0,
      lastStep: this.lastStep ?? 0,
      last: this.last,
      digest: this.sum.hex(),
    };
  }
}

/** The keys of a run. Rows mostly have the same keys in the same places, so that is tried first. */
class MetricTable {
  readonly #metrics = new Map<string, MetricBuilder>();
  readonly #names: string[] = [];
  readonly #places: MetricBuilder[] = [];

  /** The tally of a key that stands at a place of its row. */
  at(place: number, key: string): MetricBuilder {
    if (this.#names[place] === key) return this.#places[place] as MetricBuilder;
    const metric = this.of(key);
    this.#names[place] = key;
    this.#places[place] = metric;
    return metric;
  }

  /** The tally of a key. */
  of(key: string): MetricBuilder {
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      metric = new MetricBuilder(key);
      this.#metrics.set(key, metric);
    }
    return metric;
  }

  result(): { readonly [key: string]: MetricTally } {
    const tallies: { [key: string]: MetricTally } = {};
    for (const [key, metric] of this.#metrics) setKey(tallies, key, metric.result());
    return tallies;
  }
}

/** Folds events, in order, into a {@link Tally}. Its memory grows with the keys, not the points. */
export class TallyBuilder {
  readonly #events = new Map<EventType, number>();
  readonly #metrics = new MetricTable();
  readonly #system = new MetricTable();
  readonly #files = new Map<string, FileTally>();
  readonly #stream = new Digest();
  readonly #console = new Digest();
  readonly #row = new Digest();
  readonly #point = new Digest();
  readonly #cell = new Digest();
  #lines = 0;
  /** How many values and media items were counted so far. */
  points = 0;

  /** Counts one event. */
  add(event: RunEvent): void {
    this.#events.set(event.type, (this.#events.get(event.type) ?? 0) + 1);
    switch (event.type) {
      case "history":
        this.#addRow(event, this.#metrics);
        return;
      case "system":
        this.#addRow(event, this.#system);
        return;
      case "media":
        this.#addMedia(event);
        break;
      case "console":
        this.#lines++;
        this.#console.text(event.text);
        break;
      default:
    }
    this.#stream.value(event);
  }

  /** Counts a file that was read to its end. */
  file(path: string, tally: FileTally): void {
    this.#files.set(path, tally);
  }

  /** The sum of everything added so far. */
  result(): Tally {
    const files: { [path: string]: FileTally } = {};
    for (const [path, tally] of this.#files) setKey(files, path, tally);
    return {
      events: Object.fromEntries(this.#events),
      metrics: this.#metrics.result(),
      system: this.#system.result(),
      console: { lines: this.#lines, digest: this.#console.hex() },
      files,
      digest: this.#stream.hex(),
    };
  }

  /** The hot path: no allocation per value, one pass over the row. */
  #addRow(
    event: HistoryEvent | SystemEvent,
    metrics: MetricTable,
  ): void {
    const step = event.step ?? event.seq;
    const row = this.#row.restart().value(event.step).value(event.time);
    const stream = this.#stream.word(event.seq).join(row);
    let sumLow = 0;
    let sumHigh = 0;
    const values: { readonly [key: string]: Json } = event.values;
    const keys = Object.keys(values);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      const value = values[key] as Json;
      const metric = metrics.at(at, key);
      metric.add(step, value, 1);
      this.points++;
      const cell = typeof value === "number"
        ? this.#cell.restart().number(value)
        : this.#cell.restart().value(value);
      metric.sum.add(this.#point.from(row).join(cell));
      const named = cell.join(metric.key);
      sumLow = (sumLow + named.low) | 0;
      sumHigh = (sumHigh + named.high) | 0;
    }
    stream.word(sumLow).word(sumHigh);
  }

  #addMedia(event: MediaEvent): void {
    const metric = this.#metrics.of(event.key);
    metric.add(event.step, event.items.length, event.items.length);
    this.points += event.items.length;
    metric.sum.add(
      new Digest().value([event.step, event.time, event.kind, event.items]),
    );
  }
}
