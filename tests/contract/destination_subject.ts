import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Context, Destination, Receipt, RunWriter, Verdict } from "../../src/adapter.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { Tally } from "../../src/model/tally.ts";
import { TallyBuilder } from "../../src/model/tally_builder.ts";
import { silentProgress } from "../silent_progress.ts";
import { WatchedFiles, wholeRun } from "../../src/sync/watched_files.ts";
import { testContext } from "./context.ts";
import { type MemoryRun, openMemoryRun } from "./memory_run.ts";
import { inScratch } from "./scratch.ts";

/** A destination with a way to look behind it. */
export interface DestinationPlace {
  readonly destination: Destination;
  /** The same destination as another process would see it. */
  again(): Destination;
  /**
   * Every run that is stored there, one text each, sorted. What a service tells of a run is all in
   * its text, but for what differs from place to place.
   */
  holdings(): Promise<readonly string[]>;
  /** Spoils a little of everything stored, without a trace in names, sizes or times. */
  damage(): Promise<void>;
  /** Ends what was begun to have the place. */
  close?(): Promise<void>;
}

/** Makes an empty destination; whatever it stores on disk lies below `folder`, which exists. */
export type MakePlace = (folder: string) => DestinationPlace | Promise<DestinationPlace>;

/** One batch, and what the destination answered. */
export interface Answer {
  readonly batch: readonly RunEvent[];
  readonly receipt: Receipt;
}

/** A run that was delivered; `finish` was answered by `last`. */
export interface Delivery {
  readonly writer: RunWriter;
  readonly answers: readonly Answer[];
  readonly last: Receipt;
  /** What was read and delivered. */
  readonly tally: Tally;
}

/** Calls `use` with an empty place in a folder of its own, `place` below the scratch directory. */
export function inPlace(
  makePlace: MakePlace,
  use: (place: DestinationPlace, scratch: string) => Promise<void>,
): Promise<void> {
  return inScratch(async (scratch) => {
    const folder = join(scratch, "place");
    mkdirSync(folder);
    const place = await makePlace(folder);
    try {
      await use(place, scratch);
    } finally {
      await place.close?.();
    }
  });
}

/** Opens a run at a destination, calls `use`, and disposes the writer. */
export async function withWriter<Result>(
  destination: Destination,
  run: MemoryRun,
  use: (writer: RunWriter, files: WatchedFiles) => Promise<Result>,
  context: Context = testContext(),
): Promise<Result> {
  const files = new WatchedFiles(openMemoryRun(run), silentProgress, wholeRun);
  await using writer = await destination.open(files, files.info.id, undefined, context);
  return await use(writer, files);
}

/** Events in batches of a few, so that there are several. */
export function inBatches(
  events: readonly RunEvent[],
  size: number = Math.max(7, Math.ceil(events.length / 20)),
): readonly (readonly RunEvent[])[] {
  const batches: (readonly RunEvent[])[] = [];
  for (let at = 0; at < events.length; at += size) batches.push(events.slice(at, at + size));
  return batches;
}

/** Delivers a whole run and hands it to `use` while the writer is still open. */
export function deliver<Result>(
  destination: Destination,
  run: MemoryRun,
  use: (delivery: Delivery) => Promise<Result>,
  context?: Context,
): Promise<Result> {
  return withWriter(destination, run, async (writer, files) => {
    const answers: Answer[] = [];
    const builder = new TallyBuilder();
    for (const batch of inBatches(run.events)) {
      for (const event of batch) builder.add(event);
      answers.push({ batch, receipt: await writer.write(batch) });
    }
    // As the core does it: the files are what the destination read of them.
    const last = await writer.finish(tallyOf(builder, files));
    return await use({ writer, answers, last, tally: tallyOf(builder, files) });
  }, context);
}

function tallyOf(builder: TallyBuilder, files: WatchedFiles): Tally {
  return { ...builder.result(), files: Object.fromEntries(files.tallies) };
}

/** Delivers a whole run and returns what verify says of it. */
export function delivered(destination: Destination, run: MemoryRun): Promise<Verdict> {
  return deliver(destination, run, ({ writer, tally }) => writer.verify(tally));
}

/** Delivers a whole run and returns the sum of it. */
export function tallied(destination: Destination, run: MemoryRun): Promise<Tally> {
  return deliver(destination, run, ({ tally }) => Promise.resolve(tally));
}

/** What verify says of a run that nobody delivers now. */
export function verified(
  destination: Destination,
  run: MemoryRun,
  tally: Tally,
): Promise<Verdict> {
  return withWriter(destination, run, async (writer) => {
    for (const batch of inBatches(run.events)) await writer.expect(batch);
    return await writer.verify(tally);
  });
}
