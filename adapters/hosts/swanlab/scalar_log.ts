import { FramedLog } from "./framed_log.ts";
import { StepExtents, type StepRange } from "./step_extents.ts";
import { PointCollector, type Points } from "./points.ts";
import { decodeScalars, encodeScalars, type ScalarBatch } from "./scalar_batch.ts";
import { SeriesSummary } from "./series_summary.ts";

/** The scalars of one run: on disk as they were sent, in memory a summary of each key. */
export class ScalarLog {
  readonly #log: FramedLog;
  readonly #series: Map<string, SeriesSummary>;
  readonly #extents: StepExtents;

  private constructor(
    log: FramedLog,
    series: Map<string, SeriesSummary>,
    extents: StepExtents,
  ) {
    this.#log = log;
    this.#series = series;
    this.#extents = extents;
  }

  /** Opens the log at a path, or begins one. */
  static async open(path: string): Promise<ScalarLog> {
    const series = new Map<string, SeriesSummary>();
    const extents = new StepExtents();
    const log = await FramedLog.open(path, ({ payload, start }) => {
      const batch = decodeScalars(payload);
      extents.add(start, batch.steps);
      count(series, batch);
    });
    return new ScalarLog(log, series, extents);
  }

  /** Stores points; resolves once they are safely on disk. */
  async append(batch: ScalarBatch): Promise<void> {
    if (batch.places.length === 0) return;
    const start = await this.#log.append(encodeScalars(batch));
    this.#extents.add(start, batch.steps);
    count(this.#series, batch);
  }

  /** The keys, in the order in which they came. */
  get keys(): Iterable<string> {
    return this.#series.keys();
  }

  /** Highest step by key. */
  *lastSteps(): Generator<readonly [key: string, step: number]> {
    for (const [key, { lastStep }] of this.#series) yield [key, lastStep];
  }

  /**
   * Ranges of steps that together hold all points of these keys, each about `most` of them if they
   * are spread evenly.
   */
  *windows(keys: readonly string[], most: number): Generator<StepRange> {
    let points = 0;
    let first = Infinity;
    let last = -1;
    for (const key of keys) {
      const summary = this.#series.get(key);
      if (summary === undefined) continue;
      points += summary.points;
      first = Math.min(first, summary.exact ? summary.firstStep : 0);
      last = Math.max(last, summary.lastStep);
    }
    if (last < 0) return;
    const count = Math.max(Math.ceil(points / most), 1);
    const bound = (window: number): number =>
      window === count ? Infinity : first + Math.floor((last - first) / count * window);
    for (let window = 0; window < count; window++) {
      yield { from: bound(window), below: bound(window + 1) };
    }
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
    for (const { start, end } of this.#extents.overlapping(range, this.#log.length)) {
      for await (const { payload } of this.#log.read(start, end)) {
        collect(collectors, decodeScalars(payload), range);
      }
    }
    const points = new Map<string, Points>();
    for (const [key, collector] of collectors) points.set(key, collector.points());
    return points;
  }

  /** Changes with every point that is added. */
  get stamp(): string {
    return this.#log.stamp;
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
