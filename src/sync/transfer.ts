import type { Context, Destination, RunFiles, RunReader } from "../adapter.ts";
import { CancelledError, SourceError } from "../errors.ts";
import { TallyBuilder } from "../model/tally_builder.ts";
import { batches } from "./batch.ts";
import { type Excluded, Exclusion } from "./exclude.ts";
import { Lane } from "./lane.ts";
import type { Outcome } from "./outcome.ts";
import type { Progress } from "./progress.ts";

/** How a transfer is done. */
export interface TransferOptions {
  readonly excluded: Excluded;
  /** In bytes; larger files are counted as losses. */
  readonly maxFileSize?: number;
  /** Read back also what the destination says it holds already. */
  readonly recheck: boolean;
  readonly context: Context;
  readonly progress: Progress;
}

/** Events of one batch: enough to keep the cost of a call small, few enough to stay in memory. */
const batchSize = 2048;

/**
 * Ferries one run to every destination from one reading, verifies each, and tells what became of
 * it, an outcome per destination. Throws only on bugs: failures are in the outcomes.
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
    await Promise.all(lanes.map((lane) => lane.begin(context)));
    for (const lane of lanes) await (options.recheck ? lane.recheck() : lane.trust());
    size = await directorySize(reader);
    const writing = lanes.filter((lane) => lane.held === undefined);
    if (writing.some((lane) => lane.open)) {
      await deliver(reader, writing, tally, exclusion, options);
    }
  } catch (error) {
    for (const lane of lanes) lane.fail(error);
  }
  await Promise.all(lanes.map((lane) => lane.close()));
  const seconds = (context.now() - started) / 1000;
  const excluded = exclusion.counts;
  return lanes.map((lane) => outcome(lane, reader, { tally, excluded, size, seconds }));
}

/** Reads the run once and hands every batch to all lanes that still take part. */
async function deliver(
  reader: RunReader,
  lanes: readonly Lane[],
  tally: TallyBuilder,
  exclusion: Exclusion,
  { context, progress }: TransferOptions,
): Promise<void> {
  for await (const read of batches(reader.events(), batchSize)) {
    if (context.signal.aborted) throw new CancelledError();
    const batch = exclusion.apply(read);
    if (batch.length === 0) continue;
    const before = tally.points;
    for (const event of batch) tally.add(event);
    progress.points(tally.points - before);
    await Promise.all(lanes.map((lane) => lane.write(batch)));
    if (!lanes.some((lane) => lane.open)) return;
  }
  if (context.signal.aborted) throw new CancelledError();
  const sum = tally.result();
  await Promise.all(lanes.map((lane) => lane.finish(sum)));
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
