import type { Context, Destination, Rest, RunReader } from "../adapter.ts";
import { CancelledError } from "../errors.ts";
import type { RunEvent } from "../model/event.ts";
import { type Excluded, Exclusion } from "./exclude.ts";
import type { LogGrowth } from "./growth.ts";
import { LiveLane } from "./live_lane.ts";
import type { Progress } from "./progress.ts";
import type { Slots } from "./slots.ts";
import { journalingOf, type JournalOptions } from "./transfer.ts";
import { WatchedFiles } from "./watched_files.ts";

/**
 * Why a run is followed no longer: it said that it has ended; all of it was there already, as an
 * earlier command proved; nothing came for long, or there is no
 * log that could grow; somebody asked to stop; or no destination takes part any more.
 */
export type FollowEnd = "ended" | "over" | "idle" | "stopped" | "failed";

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

/** What following came to, and the lanes that failed. */
export interface Followed {
  readonly end: FollowEnd;
  readonly failures: readonly unknown[];
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
  const { context, destinations, progress } = options;
  const wishes = { ...options, followOutside: context.followOutside };
  const files = new WatchedFiles(reader, progress, wishes);
  const journaling = await journalingOf(reader, wishes, options);
  const lanes = destinations.filter(({ capabilities }) => !capabilities.keepsEvents)
    .map((destination) => new LiveLane(destination));
  try {
    const begin = (lane: LiveLane): Promise<void> =>
      lane.begin(files, journaling?.(lane.destination.name), context);
    await options.slots.without(() => options.doors.within(() => Promise.all(lanes.map(begin))));
    const isOver = lanes.length > 0 && lanes.every(({ settled }) => settled);
    if (isOver) return { end: "over", failures: [] };
    const end = await new Following(lanes, growth, options).run(reader);
    return { end, failures: failuresOf(lanes) };
  } finally {
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
  #end: FollowEnd | undefined;

  constructor(lanes: readonly LiveLane[], growth: LogGrowth, options: FollowOptions) {
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

  async #write(read: readonly RunEvent[]): Promise<void> {
    const batch = this.#exclusion.apply(read);
    if (batch.length > 0) await Promise.all(this.#lanes.map((lane) => lane.write(batch)));
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
    const { slots } = this.#options;
    const found = await slots.without(() => this.#growth.next());
    if (found === "idle" || found === "stopped") return this.#leave(found);
    return found;
  }

  #leave(end: FollowEnd): Rest {
    this.#end = end;
    return "end";
  }
}
