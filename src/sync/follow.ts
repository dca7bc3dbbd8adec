import type { Context, Destination, Rest, RunReader } from "../adapter.ts";
import { CancelledError } from "../errors.ts";
import type { RunEvent } from "../model/event.ts";
import { type Excluded, Exclusion } from "./exclude.ts";
import type { RunInfo } from "../model/run.ts";
import type { LogGrowth } from "./growth.ts";
import { Inspector } from "./inspect.ts";
import { LiveLane } from "./live_lane.ts";
import type { Outcome } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import type { Slots } from "./slots.ts";
import { staleOutcome } from "./stale_outcome.ts";
import { directorySize, journalingOf, type JournalOptions } from "./transfer.ts";
import { WatchedFiles } from "./watched_files.ts";

/**
 * Why a run is followed no longer: it said that it has ended; all of it was there already, as an
 * earlier command proved; nothing came for long, or there is no log that could grow; its log is
 * another one now; a later part of the run has begun; somebody asked to stop; or no destination
 * takes part any more.
 */
export type FollowEnd =
  | "ended"
  | "over"
  | "idle"
  | "replaced"
  | "overtaken"
  | "stopped"
  | "failed";

/** How a run is followed. */
export interface FollowOptions extends JournalOptions {
  readonly destinations: readonly Destination[];
  readonly excluded: Excluded;
  /** In bytes; larger files are left out. */
  readonly maxFileSize?: number;
  readonly context: Context;
  readonly progress: Progress;
  readonly stop: AbortSignal;
  /** Held while there is something to do; one is taken already. */
  readonly slots: Slots;
  /** Taken instead while a run is opened, which may have to wait for another part of it. */
  readonly doors: Slots;
}

/** What following came to, and why lanes failed. */
export interface Followed {
  readonly end: FollowEnd;
  readonly failures: readonly unknown[];
  /** What there is to say of an idle run that does not go on, an outcome per destination. */
  readonly stale: readonly Outcome[];
}

/**
 * Delivers a run while it is written: whatever is there to its end arrives at once at every
 * destination that can have a part of a run. Nothing is made final.
 */
export async function follow(
  reader: RunReader,
  growth: LogGrowth,
  options: FollowOptions,
): Promise<Followed> {
  const { context, destinations, progress, relatives, slots, doors } = options;
  const wishes = { ...options, followOutside: context.followOutside };
  const files = new WatchedFiles(reader, progress, wishes);
  const journaling = await journalingOf(reader, wishes, options);
  const lanes = destinations.filter(({ capabilities }) => !capabilities.keepsEvents)
    .map((destination) => new LiveLane(destination));
  const following = new Following(reader, lanes, growth, options);
  try {
    const begin = (lane: LiveLane): Promise<void> =>
      lane.begin(files, journaling?.(lane.destination.name), context, relatives);
    await slots.without(() => doors.within(() => Promise.all(lanes.map(begin))));
    const isOver = lanes.length > 0 && lanes.every(({ settled }) => settled);
    if (isOver) return { end: "over", failures: [], stale: [] };
    const end = await following.run(reader);
    const failures = failuresOf(lanes);
    const isIdle = (end === "idle" || end === "overtaken") && failures.length === 0;
    return { end, failures, stale: isIdle ? await following.stale(reader) : [] };
  } finally {
    for (const { destination, failure } of lanes) {
      relatives?.note(reader.info, destination.name, failure !== undefined);
    }
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

function failuresOf(lanes: readonly LiveLane[]): readonly unknown[] {
  return lanes.map(({ failure }) => failure).filter((failure) => failure !== undefined);
}

/** One run being followed. */
class Following {
  readonly #lanes: readonly LiveLane[];
  readonly #growth: LogGrowth;
  readonly #options: FollowOptions;
  readonly #exclusion: Exclusion;
  readonly #info: RunInfo;
  readonly #inspector: Inspector;
  readonly #began: number;
  #end: FollowEnd | undefined;
  /** Whether all was passed on that waited for its rest. */
  #isQuiet = false;

  constructor(
    { info }: RunReader,
    lanes: readonly LiveLane[],
    growth: LogGrowth,
    options: FollowOptions,
  ) {
    this.#info = info;
    this.#inspector = new Inspector(info);
    this.#began = options.context.now();
    this.#lanes = lanes;
    this.#growth = growth;
    this.#options = options;
    this.#exclusion = new Exclusion(options.excluded);
  }

  async run(reader: RunReader): Promise<FollowEnd> {
    const { context, stop } = this.#options;
    for await (const events of reader.events({ follow: () => this.#rest() })) {
      // What comes once it is no longer followed was made up for the end of what there is.
      if (this.#end !== undefined) break;
      if (context.signal.aborted) throw new CancelledError();
      await this.#write(events);
      if (events.some(({ type }) => type === "finish")) this.#end = "ended";
      if (this.#isLost) return "failed";
      if (stop.aborted) break;
    }
    await this.#flush();
    return this.#end ?? (stop.aborted ? "stopped" : "idle");
  }

  /** What became of an idle run so far. */
  async stale(reader: RunReader): Promise<readonly Outcome[]> {
    const { destinations, context } = this.#options;
    const inspection = this.#inspector.result(await directorySize(reader), undefined);
    const seconds = (context.now() - this.#began) / 1000;
    const excluded = this.#exclusion.counts;
    return destinations.map((destination) => {
      const lane = this.#lanes.find((each) => each.destination === destination);
      return staleOutcome(destination.name, inspection, {
        excluded,
        seconds,
        live: lane?.report(),
      });
    });
  }

  async #write(read: readonly RunEvent[]): Promise<void> {
    const batch = this.#exclusion.apply(read);
    for (const event of batch) this.#inspector.add(event);
    if (batch.length === 0) return;
    const { points } = this.#inspector;
    await Promise.all(this.#lanes.map((lane) => lane.write(batch, points)));
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.flush()));
  }

  /** Whether there were lanes and all have failed. */
  get #isLost(): boolean {
    return this.#lanes.length > 0 && !this.#lanes.some(({ open }) => open);
  }

  /** All that is there was written: has it arrive, and waits for more. */
  async #rest(): Promise<Rest> {
    await this.#flush();
    if (this.#isLost) return this.#leave("failed");
    const { slots, relatives } = this.#options;
    // A program that was resumed writes to another directory.
    const isOvertaken = async (): Promise<boolean> =>
      await relatives?.hasLater(this.#info) === true;
    if (this.#isQuiet && await isOvertaken()) return this.#leave("overtaken");
    const found = await slots.without(() => this.#growth.next(isOvertaken));
    this.#isQuiet = found === "quiet";
    return found === "grown" || found === "quiet" ? found : this.#leave(found);
  }

  #leave(end: FollowEnd): Rest {
    this.#end = end;
    return "end";
  }
}
