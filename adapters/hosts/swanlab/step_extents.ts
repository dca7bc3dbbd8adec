import type { Bookmark } from "./framed_log.ts";

/** Steps from `from` on, below `below`. */
export interface StepRange {
  readonly from: number;
  readonly below: number;
}

/** A stretch of a log: where it begins, and the first byte behind it. */
export interface Stretch {
  readonly start: Bookmark;
  readonly end: number;
}

interface Extent {
  readonly start: Bookmark;
  lowest: number;
  highest: number;
}

/** A stretch is at least this long, so that there are few of them. */
const leastBytes = 1 << 20;

/** Which steps stand in which stretch of a log, so that a few steps are found without reading all. */
export class StepExtents {
  readonly #extents: Extent[] = [];

  /** Takes the next frame into account. */
  add(start: Bookmark, steps: Float64Array): void {
    let extent = this.#extents.at(-1);
    if (extent === undefined || start.offset - extent.start.offset >= leastBytes) {
      extent = { start, lowest: Infinity, highest: -1 };
      this.#extents.push(extent);
    }
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as number;
      if (step < extent.lowest) extent.lowest = step;
      if (step > extent.highest) extent.highest = step;
    }
  }

  /** The stretches that may hold steps of a range, in order; `end` is where the log ends. */
  *overlapping(range: StepRange | undefined, end: number): Generator<Stretch> {
    for (const [at, { start, lowest, highest }] of this.#extents.entries()) {
      if (range !== undefined && (highest < range.from || lowest >= range.below)) continue;
      yield { start, end: this.#extents[at + 1]?.start.offset ?? end };
    }
  }
}
