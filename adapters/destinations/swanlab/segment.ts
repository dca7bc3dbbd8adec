import type { SegmentMark } from "./segment_mark.ts";

/** Where a run ends so far; -1 and 0 where there is nothing. */
export interface LastPlaces {
  readonly step: number;
  readonly sample: number;
  readonly line: number;
}

/** What is known of a part before it is read. */
export interface SegmentOptions {
  /** What the metadata call it: its run directory, as it was called when it was first seen. */
  readonly name: string;
  /** What the host says about it already. */
  readonly known?: SegmentMark;
  /** Where the parts end that the host has; absent when this is the first part. */
  readonly last?: LastPlaces;
  /** Whether its tracker counts from 0 again when a run is resumed without a network. */
  readonly restarts: boolean;
  /** Whether it comes late: what is there belongs to later parts, which were told where to go on. */
  readonly isLate?: boolean;
  readonly startedAt?: number;
  readonly beginning?: string;
}

/**
 * One run directory as a part of its run. A run that was resumed leaves several; the lines of each
 * count from 1, and those of W&B also the steps from 0, so they move behind what is there: a step of
 * W&B by its own rule, to the next free one unless it is larger (wandb-format §2.9). A part whose
 * first step is another one was told where it resumes: its steps stay. SwanLab's clients go on
 * counting lines where they ask the host first (seen in live runs of 0.7.20 to 0.10.3); such lines
 * stay.
 */
export class Segment {
  readonly #options: SegmentOptions;
  /** The first step that no row of the run has, and the last row of this part. */
  #next: number;
  #row = { own: NaN, step: NaN };
  #moved: boolean | undefined;
  #first = Infinity;
  #lines: number | undefined;

  constructor(options: SegmentOptions) {
    const { known, last } = options;
    this.#options = options;
    this.#next = this.#after + 1;
    this.#moved = options.restarts ? known?.moved : false;
    this.#lines = known?.lines ??
      (known?.line === undefined && last === undefined ? 0 : undefined);
  }

  /** What the metadata call it. */
  get name(): string {
    return this.#options.name;
  }

  /** When it began, in ms since epoch, where that is known. */
  get startedAt(): number | undefined {
    return this.#options.startedAt;
  }

  /** Whether the host has not heard of this part. */
  get isNew(): boolean {
    return this.#options.known === undefined;
  }

  /** Whether the run has other parts, of which something is at the host. */
  get isNext(): boolean {
    const { known, last } = this.#options;
    return known === undefined && last !== undefined;
  }

  /** The smallest step of the run that this part has so far; undefined as long as it has none. */
  get first(): number | undefined {
    return this.#first === Infinity ? undefined : this.#first;
  }

  /**
   * The step of the run for one of this part; the points of a row come together, and every row
   * counts, with or without points.
   */
  step(own: number): number {
    const step = this.#step(own);
    if (step < this.#first) this.#first = step;
    return step;
  }

  #step(own: number): number {
    this.#moved ??= own === 0 && this.#options.isLate !== true;
    if (!this.#moved) return own;
    if (own !== this.#row.own) {
      this.#row = { own, step: Math.max(own, this.#next) };
      this.#next = this.#row.step + 1;
    }
    return this.#row.step;
  }

  /** The place of a system sample. */
  sample(place: number): number {
    const { known, last, restarts } = this.#options;
    return place + (known?.samples ?? (restarts && last !== undefined ? last.sample + 1 : 0));
  }

  /** The number of a line of the log; the first one decides whether they begin anew. */
  line(line: number): number {
    const last = this.#lastLine;
    this.#lines ??= line <= last ? last : 0;
    return line + this.#lines;
  }

  /** What the metadata should say. */
  mark(files?: string): SegmentMark {
    const { startedAt, beginning } = this.#options;
    return {
      after: this.#after,
      samples: this.sample(0),
      ...(this.#lines === undefined ? { line: this.#lastLine } : { lines: this.#lines }),
      ...(this.#moved === undefined ? {} : { moved: this.#moved }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(beginning === undefined ? {} : { beginning }),
      ...(files === undefined ? {} : { files }),
    };
  }

  get #lastLine(): number {
    const { known, last } = this.#options;
    return known?.line ?? last?.line ?? 0;
  }

  get #after(): number {
    const { known, last } = this.#options;
    return known?.after ?? last?.step ?? -1;
  }
}
