import type { Row } from "./model_log.ts";

/** A row as the service has it. */
interface Stored extends Row {
  /** From when on it is shown; ms since the beginning. */
  readonly shownFrom: number;
}

/** How long a service may take until it shows what it stored; ms. */
export const longestDelay = 2000;

/** A place that adds whatever it is sent, and shows it a while later. */
export class ModelService {
  readonly #runs = new Map<string, Stored[]>();
  readonly #now: () => number;
  readonly #delay: number;

  /** `delay` in ms, at most {@link longestDelay}. */
  constructor(now: () => number, delay: number) {
    this.#now = now;
    this.#delay = delay;
  }

  add(run: string, rows: readonly Row[]): void {
    const stored = this.#runs.get(run) ?? [];
    const shownFrom = this.#now() + this.#delay;
    stored.push(...rows.map((row) => ({ ...row, shownFrom })));
    this.#runs.set(run, stored);
  }

  /** What it shows of a run. */
  shown(run: string): readonly Row[] {
    const now = this.#now();
    return this.stored(run).filter(({ shownFrom }) => shownFrom <= now);
  }

  /** What it really has of a run. */
  stored(run: string): readonly Stored[] {
    return this.#runs.get(run) ?? [];
  }

  /** Loses the last row of a run, and tells which. */
  lose(run: string): Row | undefined {
    return this.#runs.get(run)?.pop();
  }
}
