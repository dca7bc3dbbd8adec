import type { ErrorCode } from "../errors.ts";
import type { Outcome, Totals } from "../sync/outcome.ts";
import { exitCodes, partialExit } from "./exit.ts";

interface Sums {
  runs: number;
  points: number;
  files: number;
  bytes: number;
}

/** Sums up outcomes as they come, and knows the exit code that they amount to. */
export class TotalsCounter {
  readonly #statuses = { done: 0, partial: 0, failed: 0, skipped: 0 };
  readonly #sums = new Map<string, Sums>();
  readonly #codes = new Set<ErrorCode>();
  #differing = 0;
  #stale = 0;

  /** Counts one outcome. */
  add(outcome: Outcome): void {
    this.#statuses[outcome.status]++;
    if (outcome.differences.length > 0) this.#differing++;
    if (outcome.stale) this.#stale++;
    if (outcome.status === "failed") {
      this.#codes.add(outcome.error?.code ?? "internal");
    }
    const sums = this.#sums.get(outcome.destination) ??
      { runs: 0, points: 0, files: 0, bytes: 0 };
    sums.runs++;
    sums.points += outcome.points;
    sums.files += outcome.files;
    sums.bytes += outcome.bytes;
    this.#sums.set(outcome.destination, sums);
  }

  /**
   * The totals so far. A run that goes to several destinations is one run, read once; its
   * statuses count for each destination.
   */
  totals(seconds: number): Totals {
    const most = (field: keyof Sums): number =>
      Math.max(0, ...[...this.#sums.values()].map((sums) => sums[field]));
    return {
      runs: most("runs"),
      ...this.#statuses,
      points: most("points"),
      files: most("files"),
      bytes: most("bytes"),
      seconds,
    };
  }

  /** The exit code; undefined when there was no outcome at all. A stale run may go on, and is none. */
  exit(): number | undefined {
    const { done, partial, failed, skipped } = this.#statuses;
    if (done + partial + failed + skipped === 0) return undefined;
    if (this.#differing > 0) return exitCodes.verify;
    const [code, ...others] = this.#codes;
    const allFailed = done + partial + skipped === 0;
    if (allFailed && code !== undefined && others.length === 0) {
      return exitCodes[code];
    }
    return partial + failed > this.#stale ? partialExit : 0;
  }
}
