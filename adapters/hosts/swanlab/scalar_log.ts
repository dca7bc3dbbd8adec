import { FramedLog } from "./framed_log.ts";
import { PointCollector, type Points } from "./points.ts";
import { decodeScalars, encodeScalars, type ScalarBatch } from "./scalar_batch.ts";
import { SeriesSummary } from "./series_summary.ts";

/** Steps from `from` on, below `below`. */
export interface StepRange {
  readonly from: number;
  readonly below: number;
}

/** The scalars of one run: on disk as they were sent, in memory a summary of each key. */
export class ScalarLog {
  readonly #log: FramedLog;
  readonly #series: Map<string, SeriesSummary>;

  private constructor(log: FramedLog, series: Map<string, SeriesSummary>) {
    this.#log = log;
    this.#series = series;
  }

  /** Opens the log at a path, or begins one. */
  static async open(path: string): Promise<ScalarLog> {
    const series = new Map<string, SeriesSummary>();
    const log = await FramedLog.open(path, ({ payload }) => {
      count(series, decodeScalars(payload));
    });
    return new ScalarLog(log, series);
  }

  /** Stores points; resolves once they are safely on disk. */
  async append(batch: ScalarBatch): Promise<void> {
    if (batch.places.length === 0) return;
    await this.#log.append(encodeScalars(batch));
    count(this.#series, batch);
  }

  /** The keys, in the order in which they came. */
  get keys(): Iterable<string> {
    return this.#series.keys();
  }

  has(key: string): boolean {
    return this.#series.has(key);
  }

  /** Highest step by key. */
  *lastSteps(): Generator<readonly [key: string, step: number]> {
    for (const [key, { lastStep }] of this.#series) yield [key, lastStep];
  }

  /** A number of points that these keys have at most. */
  most(keys: readonly string[]): number {
    let sum = 0;
    for (const key of keys) sum += this.#series.get(key)?.points ?? 0;
    return sum;
  }

  /** A range that holds the steps of these keys, both ends included; undefined without points. */
  range(
    keys: readonly string[],
  ): { readonly from: number; readonly to: number } | undefined {
    let from = Infinity;
    let to = -1;
    for (const key of keys) {
      const summary = this.#series.get(key);
      if (summary === undefined) continue;
      from = Math.min(from, summary.exact ? summary.firstStep : 0);
      to = Math.max(to, summary.lastStep);
    }
    return to < 0 ? undefined : { from, to };
  }

  /** Summaries of keys; those that there are. Reads the log only where points came out of order. */
  async summaries(keys: Iterable<string>): Promise<Map<string, SeriesSummary>> {
    const found = new Map<string, SeriesSummary>();
    const unsure: string[] = [];
    for (const key of keys) {
      const summary = this.#series.get(key);
      if (summary !== undefined) found.set(key, summary);
      if (summary?.exact === false) unsure.push(key);
    }
    if (unsure.length === 0) return found;
    for (const [key, points] of await this.points(unsure)) {
      found.set(key, SeriesSummary.of(points));
    }
    return found;
  }

  /** The points of keys, all of them or those within a range of steps. */
  async points(keys: readonly string[], range?: StepRange): Promise<Map<string, Points>> {
    const collectors = new Map<string, PointCollector>();
    for (const key of keys) collectors.set(key, new PointCollector());
    for await (const { payload } of this.#log.read()) {
      collect(collectors, decodeScalars(payload), range);
    }
    const points = new Map<string, Points>();
    for (const [key, collector] of collectors) points.set(key, collector.points());
    return points;
  }

  /** What was sent, batch by batch. */
  async *batches(): AsyncGenerator<ScalarBatch> {
    for await (const { payload } of this.#log.read()) yield decodeScalars(payload);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

function count(series: Map<string, SeriesSummary>, batch: ScalarBatch): void {
  const { keys, places, steps, times, values } = batch;
  const summaries = keys.map((key) => {
    const known = series.get(key) ?? new SeriesSummary();
    series.set(key, known);
    return known;
  });
  for (let at = 0; at < places.length; at++) {
    const summary = summaries[places[at] as number] as SeriesSummary;
    summary.add(steps[at] as number, times[at] as number, values[at] as number);
  }
}

function collect(
  collectors: ReadonlyMap<string, PointCollector>,
  { keys, places, steps, times, values }: ScalarBatch,
  range: StepRange | undefined,
): void {
  const wanted = keys.map((key) => collectors.get(key));
  if (wanted.every((collector) => collector === undefined)) return;
  for (let at = 0; at < places.length; at++) {
    const collector = wanted[places[at] as number];
    if (collector === undefined) continue;
    const step = steps[at] as number;
    if (range !== undefined && (step < range.from || step >= range.below)) continue;
    collector.add(step, times[at] as number, values[at] as number);
  }
}
