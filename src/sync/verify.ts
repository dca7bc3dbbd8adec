import type { RunReader } from "../adapter.ts";
import { CancelledError, SourceError } from "../errors.ts";
import type { FileRef } from "../model/file.ts";
import { TallyBuilder } from "../model/tally_builder.ts";
import { fileRefs } from "../model/file_refs.ts";
import { Lane } from "./lane.ts";
import type { Outcome } from "./outcome.ts";
import type { Found } from "./plan.ts";
import { eachRun, type RunsOptions } from "./sync.ts";
import { directorySize, journalingOf, outcome } from "./transfer.ts";
import { WatchedFiles, wholeRun } from "./watched_files.ts";

/**
 * Reads every run again and compares it with what the destinations hold; sends and writes nothing.
 * Yields an outcome per run and destination: `done` with the assurance reached when all is
 * equal, `failed` with code `verify` and the differences otherwise.
 */
export function verifyRuns(
  found: AsyncIterable<Found> | Iterable<Found>,
  options: RunsOptions,
): AsyncGenerator<Outcome> {
  return eachRun(found, options, (reader) => verifyRun(reader, options));
}

/** What {@link verifyRun} needs to know. */
type VerifyOptions = Omit<RunsOptions, "sources" | "jobs" | "filter">;

/** Reads one run again and compares it with what the destinations hold, as {@link verifyRuns}. */
export async function verifyRun(
  reader: RunReader,
  options: VerifyOptions,
): Promise<readonly Outcome[]> {
  const { destinations, context, progress } = options;
  const started = context.now();
  const wishes = { ...wholeRun, followOutside: context.followOutside };
  const files = new WatchedFiles(reader, progress, wishes);
  const lanes = destinations.map((to) => new Lane(to, reader, progress, wishes));
  const tally = new TallyBuilder();
  try {
    const journaling = await journalingOf(reader, wishes, options);
    for (const lane of lanes) {
      const own = journaling?.(lane.destination.name);
      if (own !== undefined) await lane.note(own);
    }
    await Promise.all(lanes.map((lane) => lane.begin(context, options.relatives)));
    await read(reader, { lanes, files, tally, options: { context, progress } });
    const end = { points: tally.points, bytes: await directorySize(reader) };
    await Promise.all(lanes.map((lane) => lane.compare(tally.result(), end)));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  const seconds = (context.now() - started) / 1000;
  return lanes.map((lane) => outcome(lane, reader, { tally, excluded: {}, size: 0, seconds }));
}

/** What reading a run adds to. */
interface Readings {
  readonly lanes: readonly Lane[];
  readonly files: WatchedFiles;
  readonly tally: TallyBuilder;
  readonly options: Pick<RunsOptions, "context" | "progress">;
}

/** Reads a run to its end, and its files where a destination keeps the run as it is. */
async function read(
  reader: RunReader,
  { lanes, files, tally, options: { context, progress } }: Readings,
): Promise<void> {
  const whole = lanes.some(({ destination }) => destination.capabilities.keepsEvents);
  for await (const events of reader.events()) {
    if (context.signal.aborted) throw new CancelledError();
    const before = tally.points;
    for (const event of events) {
      tally.add(event);
      if (whole) { for (const ref of fileRefs(event)) await hash(files, ref); }
    }
    await Promise.all(lanes.map((lane) => lane.expect(events)));
    progress.points(tally.points - before);
  }
  if (!whole) return;
  for await (const entry of reader.entries()) {
    if (entry.kind === "file") await hash(files, entry);
  }
  for (const [path, tallied] of files.tallies) tally.file(path, tallied);
}

/** Reads a file for its hash; what the source does not have cannot be compared. */
async function hash(files: WatchedFiles, ref: FileRef): Promise<void> {
  if (files.tallies.has(ref.path)) return;
  try {
    for await (const _ of await files.file(ref)) continue;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return;
  }
}
