/** What the metadata of a run say about one of the run directories that make it up. */
export interface SegmentMark {
  /** The last step of the run when this part began to arrive; -1 when it was the first. */
  readonly after: number;
  /** Added to the places of its system samples, and to its lines. */
  readonly samples: number;
  readonly lines: number;
  /** ms since epoch. */
  readonly startedAt?: number;
  /** Digest of its saved files, once all of it was delivered. */
  readonly files?: string;
}

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
  /** Whether its tracker counts steps from 0 again when a run is resumed without a network. */
  readonly restarts: boolean;
  readonly startedAt?: number;
}

/**
 * One run directory as a part of its run. A run that was resumed leaves several; the lines of each
 * count from 1, and those of W&B also the steps from 0, so they move behind what is there: a step of
 * W&B by its own rule, to the next free one unless it is larger (wandb-format §2.9). SwanLab's clients go on counting lines where they ask the host first (seen in live runs
 * of 0.7.20 to 0.10.3); such lines stay.
 */
export class Segment {
  readonly #options: SegmentOptions;
  /** The first step that no row of the run has, and the last row of this part. */
  #next: number;
  #row = { own: NaN, step: NaN };
  #lines: number | undefined;

  constructor(options: SegmentOptions) {
    const { known, last } = options;
    this.#options = options;
    this.#next = this.#after + 1;
    this.#lines = known?.lines ?? (last === undefined ? 0 : undefined);
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

  /** The step of the run for one of this part; the points of a row come together. */
  step(own: number): number {
    if (!this.#options.restarts) return own;
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
    const last = this.#options.last?.line ?? 0;
    this.#lines ??= line <= last ? last : 0;
    return line + this.#lines;
  }

  /** Whether an earlier part may have written at a step of the run. */
  isShared(step: number): boolean {
    return step <= this.#after;
  }

  /** What the metadata should say. */
  mark(files?: string): SegmentMark {
    const { startedAt } = this.#options;
    return {
      after: this.#after,
      samples: this.sample(0),
      lines: this.#lines ?? 0,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(files === undefined ? {} : { files }),
    };
  }

  get #after(): number {
    const { known, last } = this.#options;
    return known?.after ?? last?.step ?? -1;
  }
}
