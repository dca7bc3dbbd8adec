import { CancelledError, NoRunError } from "../errors.ts";
import { inOrderOfStart } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import { OutcomeQueue } from "./outcome_queue.ts";
import { pause } from "./pause.ts";
import type { Found } from "./plan.ts";
import { Relatives } from "./relatives.ts";
import { Slots } from "./slots.ts";
import { sync, type SyncOptions } from "./sync.ts";
import { WatchedRun } from "./watched_run.ts";
import { Writers } from "./writers.ts";

/** How runs are watched. */
export interface WatchOptions extends SyncOptions {
  /** Aborted by whoever wants no more: what was read still arrives. */
  readonly stop: AbortSignal;
  /** ms without growth after which a run that did not end is stale. */
  readonly idle: number;
  /** Whether a stale run is completed and marked as broken off. */
  readonly finishStale: boolean;
  /**
   * Until when: `now`, to deliver what is there and wait for nothing; `ended`, until every run that
   * is there has ended or is stale; or until it is `stopped`, with the runs that come later.
   */
  readonly until: "now" | "ended" | "stopped";
}

/** ms between two searches for new runs, at least. */
const searching = 5000;
/** A search may take this part of the time. */
const searchShare = 100;
/** Runs that may be opened side by side, for each that may be worked on. */
const doors = 4;

/**
 * Follows every run that `find` finds and ferries each as `sync` does once it has ended; yields its
 * outcomes then. A run that stops growing without an end, and that no process of this machine has
 * open, is reported as stale and left as it is.
 */
export function watch(
  find: () => AsyncIterable<Found> | Iterable<Found>,
  options: WatchOptions,
): AsyncGenerator<Outcome> {
  const watching = new Watching(options);
  return watching.outcomes.until(watching.search(find));
}

class Watching {
  readonly outcomes: OutcomeQueue = new OutcomeQueue();
  readonly #options: WatchOptions & { readonly relatives: Relatives };
  readonly #slots: Slots;
  readonly #doors: Slots;
  readonly #writers: Writers;
  /** Every run that is watched, by what tells it from others. */
  readonly #runs = new Map<string, Promise<void>>();
  #failure: unknown;

  constructor(options: WatchOptions) {
    const { sources, context, jobs } = options;
    this.#options = { ...options, relatives: new Relatives([], sources, context) };
    this.#slots = new Slots(jobs);
    this.#doors = new Slots(doors * jobs);
    this.#writers = new Writers(() => context.now());
  }

  /** Looks for runs; resolves when all have come to their end, or what is under way was given up. */
  async search(find: () => AsyncIterable<Found> | Iterable<Found>): Promise<void> {
    try {
      await this.#search(find);
    } catch (error) {
      // Whatever had not arrived when there was no more time does so the next time.
      if (!(error instanceof CancelledError && this.#options.stop.aborted)) throw error;
    }
  }

  async #search(find: () => AsyncIterable<Found> | Iterable<Found>): Promise<void> {
    const { context, stop, until } = this.#options;
    do {
      const began = context.now();
      this.#begin(inOrderOfStart(await Array.fromAsync(find())));
      if (until !== "stopped") break;
      await pause(context, Math.max(searching, searchShare * (context.now() - began)), stop);
    } while (!stop.aborted && this.#failure === undefined);
    await Promise.all(this.#runs.values());
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(found: readonly Found[]): void {
    const fresh = found.map((each) => [nameOf(each), each] as const)
      .filter(([name]) => !this.#runs.has(name));
    if (fresh.length === 0 || this.#options.stop.aborted) return;
    this.#options.relatives.renew(found);
    for (const [name, each] of fresh) {
      const ended = this.#watch(each).catch((error: unknown) => {
        this.#failure ??= error;
      });
      this.#runs.set(name, ended);
    }
  }

  async #watch(found: Found): Promise<void> {
    if (found.type === "problem") return await this.#problem(found);
    await new WatchedRun(found.ref, {
      ...this.#options,
      slots: this.#slots,
      doors: this.#doors,
      outcomes: this.outcomes,
      writers: this.#writers,
    }).watch();
  }

  /** A place without a run may get one, so that it is no failure of somebody who waits for it. */
  async #problem(found: Extract<Found, { readonly type: "problem" }>): Promise<void> {
    const { until, context } = this.#options;
    const isEmpty = until === "now" && found.error instanceof NoRunError;
    if (until === "stopped" || isEmpty) return context.notice(found.error.message);
    for await (const outcome of sync([found], this.#options)) this.outcomes.add(outcome);
  }
}

function nameOf(found: Found): string {
  return found.type === "run" ? found.ref.log ?? found.ref.path : found.path;
}
