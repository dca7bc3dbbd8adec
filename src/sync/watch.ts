import { CancelledError, ToolError } from "../errors.ts";
import type { RunRef } from "../model/run.ts";
import { isInUse } from "./clean_open_files.ts";
import { follow, type FollowEnd } from "./follow.ts";
import { LogGrowth } from "./growth.ts";
import { inspect } from "./inspect.ts";
import type { Outcome } from "./outcome.ts";
import { OutcomeQueue } from "./outcome_queue.ts";
import { pause } from "./pause.ts";
import type { Found } from "./plan.ts";
import { Slots } from "./slots.ts";
import { openRun, sync, type SyncOptions } from "./sync.ts";

/** How runs are watched. */
export interface WatchOptions extends SyncOptions {
  /** Aborted by whoever wants no more: what was read still arrives. */
  readonly stop: AbortSignal;
  /** ms without growth after which a run that did not end is stale. */
  readonly idle: number;
  /** Whether a stale run is completed and marked as broken off. */
  readonly finishStale: boolean;
  /** Whether to deliver what is there and wait for nothing. */
  readonly once: boolean;
}

/** ms between two searches for new runs, at least. */
const searching = 5000;
/** A search may take this part of the time. */
const searchShare = 100;
/** Runs that may be opened side by side, for each that may be worked on. */
const doors = 4;
/** ms until a run is tried again whose destination could not be reached. */
const again = 60_000;
/** The same for one that failed for a reason that hardly passes. */
const later = 600_000;

/**
 * Follows every run that `find` finds, also those that come later, and ferries each as `sync` does
 * once it has ended; yields an outcome then. A run that stops growing without an end, and that no
 * process of this machine has open, is reported as stale and left as it is. Ends when `stop` is aborted, and with `once` as soon as everything that
 * is there has arrived.
 */
export function watch(
  find: () => AsyncIterable<Found>,
  options: WatchOptions,
): AsyncGenerator<Outcome> {
  const watching = new Watching(options);
  return watching.outcomes.until(watching.search(find));
}

/** What one attempt at following came to; `grown` asks for another. */
interface Attempt {
  readonly end: FollowEnd | "grown";
  readonly failures: readonly unknown[];
}

class Watching {
  readonly outcomes: OutcomeQueue = new OutcomeQueue();
  readonly #options: WatchOptions;
  readonly #slots: Slots;
  readonly #doors: Slots;
  /** Every run that is watched, by what tells it from others. */
  readonly #runs = new Map<string, Promise<void>>();
  #failure: unknown;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#slots = new Slots(options.jobs);
    this.#doors = new Slots(doors * options.jobs);
  }

  /** Looks for new runs from time to time; resolves when all have come to their end. */
  async search(find: () => AsyncIterable<Found>): Promise<void> {
    const { context, stop, once } = this.#options;
    do {
      const began = context.now();
      for await (const found of find()) this.#begin(found);
      if (once) break;
      await pause(context, Math.max(searching, searchShare * (context.now() - began)), stop);
    } while (!stop.aborted && this.#failure === undefined);
    await Promise.all(this.#runs.values());
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(found: Found): void {
    const name = found.type === "run" ? found.ref.log ?? found.ref.path : found.path;
    if (this.#runs.has(name) || this.#options.stop.aborted) return;
    const work = found.type === "run" ? this.#run(found.ref) : this.#problem(found);
    this.#runs.set(
      name,
      work.catch((error: unknown) => {
        this.#failure ??= error;
      }),
    );
  }

  /** A place without a run may get one, so that it is no failure of somebody who waits. */
  async #problem(found: Extract<Found, { readonly type: "problem" }>): Promise<void> {
    if (this.#options.once) await this.#sync(found, false);
    else this.#options.context.notice(found.error.message);
  }

  /** Watches one run until nobody watches any more. */
  async #run(ref: RunRef): Promise<void> {
    const { context, stop, idle, once } = this.#options;
    const path = ref.log ?? ref.path;
    const growth = new LogGrowth(path, { context, stop, idle: once ? 0 : idle });
    await growth.grew();
    do {
      await this.#slots.within(() => this.#deliver(ref, growth));
    } while (!once && await growth.again());
  }

  async #deliver(ref: RunRef, growth: LogGrowth): Promise<void> {
    const { context, stop, idle, finishStale, once } = this.#options;
    const end = await this.#follow(ref, growth);
    if (stop.aborted && end !== "ended") return;
    const left = end === "idle" && growth.age >= idle
      ? await this.#slots.without(() => this.#left(ref, growth))
      : "used";
    if (left === "grown") return await this.#deliver(ref, growth);
    const isStale = left === "left";
    if (isStale && !finishStale) this.#tellStale(ref);
    const isOver = end === "ended" || end === "over" || end === "failed";
    if (isOver || isStale && finishStale) await this.#sync({ type: "run", ref }, end === "ended");
    if (end === "failed" && !once) await this.#slots.without(() => pause(context, later, stop));
  }

  /** Resolves when no process of this machine has an idle run open, it grows, or nobody waits. */
  async #left(ref: RunRef, growth: LogGrowth): Promise<"left" | "grown" | "used"> {
    const { context, stop, once } = this.#options;
    while (await isInUse(ref.path)) {
      if (once) return "used";
      await pause(context, again, stop);
      if (stop.aborted) return "used";
      if (await growth.grew()) return "grown";
    }
    return "left";
  }

  /** Follows a run to its end, however often its destinations cannot be reached meanwhile. */
  async #follow(ref: RunRef, growth: LogGrowth): Promise<FollowEnd> {
    const { context, stop, once } = this.#options;
    for (;;) {
      const { end, failures } = await this.#attempt(ref, growth);
      const [first] = failures;
      if (end === "grown") continue;
      if (first === undefined || stop.aborted) return end;
      // A transfer meets the same failure, and tells of it.
      if (once || !isPassing(first)) return "failed";
      context.notice(`${ref.path}: ${first.message}; it is tried again in a minute.`);
      await this.#slots.without(() => pause(context, again, stop));
    }
  }

  async #attempt(ref: RunRef, growth: LogGrowth): Promise<Attempt> {
    const { sources, context, idle } = this.#options;
    try {
      await using reader = await openRun(ref, sources, context);
      if (growth.age >= idle && (await inspect(reader)).state !== "incomplete") {
        return { end: "over", failures: [] };
      }
      if (reader.isYoung !== true) {
        const [slots, doors] = [this.#slots, this.#doors];
        return await follow(reader, growth, { ...this.#options, slots, doors });
      }
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return { end: "failed", failures: [error] };
    }
    const found = await this.#slots.without(() => growth.next());
    return { end: found === "quiet" ? "grown" : found, failures: [] };
  }

  #tellStale(ref: RunRef): void {
    const minutes = Math.round(this.#options.idle / 60_000);
    this.#options.context.notice(
      `${ref.path} is stale: it did not end, and has not grown for ${minutes} minutes. What there ` +
        "is of it has arrived; --finish-stale marks such runs as broken off.",
    );
  }

  /** Ferries a run that has ended; one that was followed is no less done if nothing was left. */
  async #sync(found: Found, isFollowed: boolean): Promise<void> {
    for await (const outcome of sync(one(found), this.#options)) {
      const isDone = isFollowed && outcome.status === "skipped";
      this.outcomes.add(isDone ? { ...outcome, status: "done" } : outcome);
    }
  }
}

async function* one(found: Found): AsyncGenerator<Found> {
  yield await Promise.resolve(found);
}

/** Whether the same may work later, and nothing need be said of it as a failure. */
function isPassing(error: unknown): error is ToolError {
  return error instanceof ToolError && (error.code === "transient" || error.code === "locked");
}
