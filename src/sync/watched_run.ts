import { CancelledError, SourceError, systemCode, ToolError } from "../errors.ts";
import type { RunReader } from "../adapter.ts";
import type { RunInfo, RunRef } from "../model/run.ts";
import { follow, type Followed } from "./follow.ts";
import { LogGrowth } from "./growth.ts";
import { inspect, type Inspection } from "./inspect.ts";
import type { Outcome } from "./outcome.ts";
import type { OutcomeQueue } from "./outcome_queue.ts";
import { pause } from "./pause.ts";
import type { Relatives } from "./relatives.ts";
import type { Slots } from "./slots.ts";
import { staleOutcome } from "./stale_outcome.ts";
import { openRun, sync } from "./sync.ts";
import type { WatchOptions } from "./watch.ts";
import type { Writers } from "./writers.ts";

/** What one watched run shares with the others. */
export interface WatchedRunOptions extends WatchOptions {
  readonly relatives: Relatives;
  /** Held while there is something to do. */
  readonly slots: Slots;
  /** Taken instead while a run is opened, which may have to wait for another part of it. */
  readonly doors: Slots;
  readonly outcomes: OutcomeQueue;
  readonly writers: Writers;
}

/** What one attempt at following came to; `grown` asks for another, and `unwanted` for none. */
interface Attempt extends Omit<Followed, "end"> {
  readonly end: Followed["end"] | "grown" | "unwanted";
}

/** ms until a run is tried again whose destination could not be reached. */
const again = 60_000;
/** ms between two looks whether an earlier part of a run is through. */
const behind = 500;
/** The same for one that failed for a reason that hardly passes: at first, and at most. */
const later = 600_000;
const last = 24 * 3_600_000;
/** What file systems say that lost their server, or have too much to do. */
const passing = new Set(["ESTALE", "EIO", "EAGAIN", "EBUSY", "ETIMEDOUT", "EMFILE", "ENFILE"]);

/** One run, watched until nobody watches any more. */
export class WatchedRun {
  readonly #ref: RunRef;
  readonly #options: WatchedRunOptions;
  readonly #growth: LogGrowth;
  #isWanted: boolean | undefined;
  /** What was told last, if that was a failure. */
  #failure = "";

  constructor(ref: RunRef, options: WatchedRunOptions) {
    this.#ref = ref;
    this.#options = options;
    const idle = options.until === "now" ? 0 : options.idle;
    this.#growth = new LogGrowth(ref.log ?? ref.path, { ...options, idle });
  }

  /** Delivers it as it grows, and tells what became of it. */
  async watch(): Promise<void> {
    const { context, slots, stop, until } = this.#options;
    await this.#growth.grew();
    for (let failures = 0;;) {
      const isDone = await slots.within(() => this.#deliver());
      if (until !== "stopped" || this.#isWanted === false) return;
      failures = isDone ? 0 : failures + 1;
      if (isDone) await this.#growth.again();
      else await pause(context, Math.min(last, later * 2 ** (failures - 1)), stop);
      if (stop.aborted) return;
    }
  }

  /** Whether nothing is left to be done before it grows. */
  async #deliver(): Promise<boolean> {
    const { slots, stop, idle, finishStale, until } = this.#options;
    const { outcomes, relatives } = this.#options;
    const { end, stale } = await this.#follow();
    if (stop.aborted && end !== "ended") return true;
    const isIdle = end === "idle" && this.#growth.age >= idle ||
      end === "overtaken" && until !== "stopped";
    const left = isIdle ? await slots.without(() => this.#left()) : "used";
    if (left === "grown") return await this.#deliver();
    const isLeft = left === "left";
    if (isLeft && !finishStale) { for (const outcome of stale) outcomes.add(outcome); }
    const isOver = end === "ended" || end === "over" || end === "failed";
    const isCompleted = isOver || isLeft && finishStale;
    const isDone = !isCompleted || await this.#complete(end === "ended");
    relatives.tried(this.#ref.path);
    return isDone;
  }

  /** Resolves when no process of this machine has an idle run open, it grows, or nobody waits. */
  async #left(): Promise<"left" | "grown" | "used"> {
    const { context, stop, until, writers } = this.#options;
    while (await writers.has(this.#ref.path)) {
      if (until === "now") return "used";
      await pause(context, again, stop);
      if (stop.aborted) return "used";
      if (await this.#growth.grew()) return "grown";
    }
    return "left";
  }

  /** Follows the run to its end, however often something that passes comes between. */
  async #follow(): Promise<Attempt> {
    const { context, slots, stop, until, idle } = this.#options;
    for (;;) {
      const attempt = await this.#attempt();
      const [first] = attempt.failures;
      if (attempt.end === "grown" || attempt.end === "replaced") continue;
      if (first === undefined || stop.aborted) return attempt;
      // A transfer meets the same failure, and tells of it.
      const isPatient = until === "stopped" || until === "ended" && this.#growth.age < idle;
      if (!isPatient || !isPassing(first)) return { ...attempt, end: "failed" };
      context.notice(`${this.#ref.path}: ${first.message}; it is tried again in a minute.`);
      await slots.without(() => pause(context, again, stop));
    }
  }

  async #attempt(): Promise<Attempt> {
    const { sources, context } = this.#options;
    try {
      await using reader = await openRun(this.#ref, sources, context);
      if (reader.isYoung === true) return await this.#youth(reader);
      const told = await this.#judge(reader);
      if (told !== undefined) return told;
      if (!await this.#isTurn(reader.info)) return { end: "stopped", failures: [], stale: [] };
      return await follow(reader, this.#growth, this.#options);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return { end: "failed", failures: [error], stale: [] };
    }
  }

  /**
   * Waits for the parts of the run that began before: what is new goes on behind them. False when
   * nobody waits any more.
   */
  async #isTurn(info: RunInfo): Promise<boolean> {
    const { context, slots, stop, relatives } = this.#options;
    while (await relatives.isEarly(info)) {
      if (stop.aborted) return false;
      await slots.without(() => pause(context, behind, stop));
    }
    return true;
  }

  /** Waits until a run can say who it is. */
  async #youth(reader: RunReader): Promise<Attempt> {
    const { slots, relatives } = this.#options;
    const found = await slots.without(() => this.#growth.next());
    // Whoever asked for its relatives before took it for nobody's.
    relatives.renew();
    if (found !== "idle") {
      return { end: found === "quiet" ? "grown" : found, failures: [], stale: [] };
    }
    return { end: "idle", failures: [], stale: this.#untouched(await inspect(reader)) };
  }

  /** What there is to say without following the run at all, if so. */
  async #judge(reader: RunReader): Promise<Attempt | undefined> {
    const { filter, context, idle, destinations } = this.#options;
    const isFiltered = filter?.needsReading === true && this.#isWanted === undefined;
    const isOld = this.#growth.age >= idle;
    if (!isFiltered && !isOld) return undefined;
    const inspection = await inspect(reader);
    if (isFiltered) this.#isWanted = filter.matches(inspection, context.now());
    if (this.#isWanted === false) return { end: "unwanted", failures: [], stale: [] };
    if (!isOld) return undefined;
    if (inspection.state !== "incomplete") return { end: "over", failures: [], stale: [] };
    const isForNobody = destinations.every(({ capabilities }) => capabilities.keepsEvents);
    return isForNobody
      ? { end: "idle", failures: [], stale: this.#untouched(inspection) }
      : undefined;
  }

  /** What there is to say of a stale run of which nothing is anywhere. */
  #untouched(inspection: Inspection): readonly Outcome[] {
    const nothing = { excluded: {}, seconds: 0, live: undefined };
    return this.#options.destinations.map(({ name }) => staleOutcome(name, inspection, nothing));
  }

  /**
   * Ferries a run that has ended, and tells whether that could be done. One that was followed, or
   * tried before, is no less done if nothing was left.
   */
  async #complete(isFollowed: boolean): Promise<boolean> {
    const { context, slots, stop, until } = this.#options;
    for (let isBegun = isFollowed;; isBegun = true) {
      const { outcomes, passing } = await this.#ferry();
      if (passing === undefined || until !== "stopped" || stop.aborted) {
        return this.#tell(outcomes, isBegun);
      }
      context.notice(`${this.#ref.path}: ${passing}; it is tried again in a minute.`);
      await slots.without(() => pause(context, again, stop));
    }
  }

  /** One attempt, and what kept it from being the last one, if that may pass. */
  async #ferry(): Promise<{ readonly outcomes: readonly Outcome[]; readonly passing?: string }> {
    const { filter: _, ...options } = this.#options;
    try {
      const outcomes = await Array.fromAsync(sync([{ type: "run", ref: this.#ref }], options));
      const error = outcomes.map(({ error }) => error)
        .find((error) => error?.code === "transient" || error?.code === "locked");
      return { outcomes, ...(error === undefined ? {} : { passing: error.message }) };
    } catch (error) {
      if (options.until !== "stopped" || !isPassing(error)) throw error;
      return { outcomes: [], passing: error.message };
    }
  }

  /** Whether nothing failed; what was told before is not told again. */
  #tell(outcomes: readonly Outcome[], isFollowed: boolean): boolean {
    const failed = outcomes.filter(({ status }) => status === "failed");
    const isBegun = isFollowed || this.#failure !== "";
    const failure = failed.map(({ destination, error }) => `${destination} ${error?.message}`)
      .join();
    if (failure !== "" && failure === this.#failure) return false;
    this.#failure = failure;
    for (const outcome of outcomes) {
      const isDone = isBegun && outcome.status === "skipped";
      this.#options.outcomes.add(isDone ? { ...outcome, status: "done" } : outcome);
    }
    return failure === "";
  }
}

/** Whether the same may work later, and nothing need be said of it as a failure. */
function isPassing(error: unknown): error is ToolError {
  if (!(error instanceof ToolError)) return false;
  if (error instanceof SourceError) return passing.has(systemCode(error.cause) ?? "");
  return error.code === "transient" || error.code === "locked";
}
