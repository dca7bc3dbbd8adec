import type { Points } from "./points.ts";

/** A value and the step that it belongs to. */
export interface Extreme {
  readonly step: number;
  readonly value: number;
}

/** What is known of one key without reading its points. Grows by points of ascending steps. */
export class SeriesSummary {
  /** Points added; too many when steps came twice, see `exact`. */
  points = 0;
  /** Highest step so far; -1 before the first point. */
  lastStep = -1;
  firstStep = -1;
  lastValue: number = NaN;
  lastTime: number = NaN;
  minimum: Extreme | undefined;
  maximum: Extreme | undefined;
  /** Of the finite values. */
  mean = 0;
  /** False once a step came that is not beyond all others: only the log itself tells then. */
  exact = true;
  #finite = 0;
  #squares = 0;

  /** A summary of whole points. */
  static of({ steps, times, values }: Points): SeriesSummary {
    const summary = new SeriesSummary();
    for (let at = 0; at < steps.length; at++) {
      summary.add(steps[at] as number, times[at] as number, values[at] as number);
    }
    return summary;
  }

  /** Counts a point. */
  add(step: number, time: number, value: number): void {
    if (step <= this.lastStep) {
      this.exact = false;
      if (step < this.lastStep) return;
    }
    if (this.points === 0) this.firstStep = step;
    this.points++;
    this.lastStep = step;
    this.lastTime = time;
    this.lastValue = value;
    // NaN and the infinities have no place in a mean; NaN is neither least nor greatest.
    if (value !== value) return;
    if (this.minimum === undefined || value < this.minimum.value) this.minimum = { step, value };
    if (this.maximum === undefined || value > this.maximum.value) this.maximum = { step, value };
    if (!Number.isFinite(value)) return;
    const difference = value - this.mean;
    this.mean += difference / ++this.#finite;
    this.#squares += difference * (value - this.mean);
  }

  /** Standard deviation of the finite values. */
  get deviation(): number {
    return this.#finite === 0 ? 0 : Math.sqrt(this.#squares / this.#finite);
  }
}
