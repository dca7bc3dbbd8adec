import type { Context, Destination, RunFiles, RunReader } from "../adapter.ts";
import { CancelledError, SourceError } from "../errors.ts";
import type { Tally } from "../model/tally.ts";
import { TallyBuilder } from "../model/tally_builder.ts";
import { batches } from "./batch.ts";
import { type Excluded, Exclusion } from "./exclude.ts";
import { Lane } from "./lane.ts";
import type { Journals } from "./journals.ts";
import type { Journaling } from "./lane_journal.ts";
import type { Outcome } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import type { Relatives } from "./relatives.ts";
import { stampIfTold } from "./stamp_if_told.ts";
import { settledOutcome } from "./settled_outcome.ts";
import { type Wishes, wishTexts } from "./watched_files.ts";

/** What is known around a run, and what is written down of transfers and comparisons. */
export interface JournalOptions {
  /** Without them nothing is written down. */
  readonly journals?: Journals;
  /** By name of the destination, what besides the run itself decides what will be there. */
  readonly manners?: ReadonlyMap<string, readonly string[]>;
  /** Knows which runs are parts of one; without it each is taken for the only one. */
  readonly relatives?: Relatives;
}

/** How a transfer is done. */
export interface TransferOptions extends JournalOptions {
  readonly excluded: Excluded;
  /** In bytes; larger files are counted as losses. */
  readonly maxFileSize?: number;
  /** Read back also what the destination says it holds already. */
  readonly recheck: boolean;
  /**
   * Asked of each destination before it is given anything. What it throws ends the transfer.
   */
  readonly check?: (destination: Destination) => Promise<void>;
  /** Called once the destinations are asked for the run, or nothing is left to be asked. */
  readonly handedOver?: () => void;
  readonly context: Context;
  readonly progress: Progress;
}

/** Events of one batch: enough to keep the cost of a call small, few enough to stay in memory. */
const batchSize = 2048;

/**
 * Ferries one run to every destination from one reading, verifies each, and tells what became of
 * it, an outcome per destination; what an earlier command verified is skipped. Throws only on bugs
 * and what `check` throws: failures are in the outcomes.
 */
export async function transfer(
  reader: RunReader,
  destinations: readonly Destination[],
  options: TransferOptions,
): Promise<readonly Outcome[]> {
  const { context, progress } = options;
  const started = context.now();
  const wishes = { ...options, followOutside: context.followOutside };
  const lanes = destinations.map((to) => new Lane(to, reader, progress, wishes));
  const tally = new TallyBuilder();
  const exclusion = new Exclusion(options.excluded);
  let size = 0;
  try {
    const open = await prepare(reader, lanes, wishes, options);
    const begun = Promise.all(open.map((lane) => lane.begin(context, options.relatives)));
    options.handedOver?.();
    await begun;
    size = await sizeFor(open, reader);
    for (const lane of open) await settle(lane, size, options.recheck);
    const writing = open.filter((lane) => lane.held === undefined);
    if (writing.some((lane) => lane.open)) {
      await deliver(reader, writing, { tally, exclusion, size, options });
    }
  } finally {
    for (const { destination, broken } of lanes) {
      options.relatives?.note(reader.info, destination.name, broken);
    }
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  const seconds = (context.now() - started) / 1000;
  const excluded = exclusion.counts;
  return lanes.map((lane) => {
    const { settled } = lane;
    return settled === undefined
      ? outcome(lane, reader, { tally, excluded, size, seconds })
      : settledOutcome(reader.info, lane.destination.name, settled, seconds);
  });
}

/** Size of the run directory, where anybody wants to know it; what fails there ends the lanes. */
async function sizeFor(lanes: readonly Lane[], run: RunFiles): Promise<number> {
  if (!lanes.some((lane) => lane.open)) return 0;
  try {
    return await directorySize(run);
  } catch (error) {
    for (const lane of lanes) lane.fail(error);
    return 0;
  }
}

/** The lanes in which something may have to be done; nobody else can do it meanwhile. */
async function prepare(
  reader: RunReader,
  lanes: readonly Lane[],
  wishes: Wishes,
  options: TransferOptions,
): Promise<readonly Lane[]> {
  const journaling = await journalingOf(reader, wishes, options);
  for (const lane of lanes) {
    const own = journaling?.(lane.destination.name);
    if (own !== undefined) await lane.prepare(own, options.recheck);
  }
  const open = lanes.filter((lane) => lane.settled === undefined && lane.open);
  for (const { destination } of open) await options.check?.(destination);
  return open;
}

/** How each destination's lane is journaled, by name; undefined without journals. */
export async function journalingOf(
  run: RunFiles,
  wishes: Wishes,
  { journals, manners }: JournalOptions,
): Promise<((destination: string) => Journaling) | undefined> {
  if (journals === undefined) return undefined;
  const stamp = await stampIfTold(run);
  const texts = wishTexts(wishes);
  return (name) => ({ journals, stamp, wishes: texts, manner: manners?.get(name) ?? [] });
}

/** Takes or tests the word of a destination for what it has; else sending begins. */
async function settle(lane: Lane, bytes: number, recheck: boolean): Promise<void> {
  const points = lane.held === undefined ? 0 : pointsOf(lane.held);
  await (recheck || lane.doubted ? lane.recheck({ points, bytes }) : lane.trust({ points, bytes }));
  if (lane.held === undefined) await lane.start();
}

function pointsOf({ metrics, system }: Tally): number {
  return [...Object.values(metrics), ...Object.values(system)]
    .reduce((sum, { points }) => sum + points, 0);
}

/** Reads the run once and hands every batch to all lanes that still take part. */
async function deliver(
  reader: RunReader,
  lanes: readonly Lane[],
  delivery: Delivery,
): Promise<void> {
  try {
    await pass(reader, lanes, delivery);
  } catch (error) {
    for (const lane of lanes) lane.fail(error);
  }
}

/** What a delivery adds to and needs to know. */
interface Delivery {
  readonly tally: TallyBuilder;
  readonly exclusion: Exclusion;
  readonly size: number;
  readonly options: TransferOptions;
}

async function pass(
  reader: RunReader,
  lanes: readonly Lane[],
  { tally, exclusion, size, options: { context, progress } }: Delivery,
): Promise<void> {
  for await (const read of batches(reader.events(), batchSize)) {
    if (context.signal.aborted) throw new CancelledError();
    const batch = exclusion.apply(read);
    if (batch.length === 0) continue;
    const before = tally.points;
    for (const event of batch) tally.add(event);
    progress.points(tally.points - before);
    await Promise.all(lanes.map((lane) => lane.write(batch, tally.points)));
    if (!lanes.some((lane) => lane.open)) return;
  }
  if (context.signal.aborted) throw new CancelledError();
  const sum = tally.result();
  const end = { points: tally.points, bytes: size, cut: reader.tail !== undefined };
  await Promise.all(lanes.map((lane) => lane.finish(sum, end)));
}

/**
 * Size of everything in the run directory, in bytes, as far as it can be listed: what cannot be
 * read is reported by whoever needs its content.
 */
export async function directorySize(run: RunFiles): Promise<number> {
  let size = 0;
  try {
    for await (const entry of run.entries()) size += entry.bytes;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return size;
  }
  return size;
}

/** What all lanes of a run have in common. */
export interface Sums {
  readonly tally: TallyBuilder;
  readonly excluded: Outcome["excluded"];
  readonly size: number;
  readonly seconds: number;
}

/** What became of a run in one lane. */
export function outcome(lane: Lane, reader: RunReader, sums: Sums): Outcome {
  const { info, tail } = reader;
  const report = lane.report();
  const tally = sums.tally.result();
  const gaps = (lane.held ?? tally).events.gap ?? 0;
  return {
    path: info.path,
    source: info.source,
    info,
    destination: lane.destination.name,
    ...report,
    status: status(lane, report.error !== undefined, gaps),
    events: tally.events,
    excluded: sums.excluded,
    losses: lane.losses.result(),
    gaps,
    ...(tail === undefined ? {} : { tail }),
    points: sums.tally.points,
    files: lane.files,
    bytes: sums.size,
    cleaned: false,
    seconds: sums.seconds,
  };
}

function status(lane: Lane, failed: boolean, gaps: number): Outcome["status"] {
  if (failed) return "failed";
  const { sent, present } = lane.report();
  if (lane.held !== undefined || sent === 0 && present > 0) return "skipped";
  return gaps > 0 || lane.losses.serious ? "partial" : "done";
}
