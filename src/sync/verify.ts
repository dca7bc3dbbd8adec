import type { RunReader } from "../adapter.ts";
import { CancelledError, SourceError } from "../errors.ts";
import type { FileRef } from "../model/file.ts";
import { TallyBuilder } from "../model/tally_builder.ts";
import { fileRefs } from "../model/file_refs.ts";
import { Lane } from "./lane.ts";
import type { Outcome } from "./outcome.ts";
import type { Found } from "./plan.ts";
import { eachRun, type RunsOptions } from "./sync.ts";
import { outcome } from "./transfer.ts";
import { WatchedFiles, wholeRun } from "./watched_files.ts";

/**
 * Reads every run again and compares it with what the destinations hold; sends and writes nothing.
 * Yields an outcome per run and destination: `skipped` with the assurance reached when all is
 * equal, `failed` with code `verify` and the differences otherwise.
 */
export function verifyRuns(
  found: AsyncIterable<Found>,
  options: RunsOptions,
): AsyncGenerator<Outcome> {
  return eachRun(found, options, (reader) => verifyRun(reader, options));
}

async function verifyRun(
  reader: RunReader,
  { destinations, context, progress }: RunsOptions,
): Promise<readonly Outcome[]> {
  const started = context.now();
  const wishes = { ...wholeRun, followOutside: context.followOutside };
  const files = new WatchedFiles(reader, progress, wishes);
  const tally = new TallyBuilder();
  for await (const events of reader.events()) {
    if (context.signal.aborted) throw new CancelledError();
    const before = tally.points;
    for (const event of events) {
      tally.add(event);
      for (const ref of fileRefs(event)) await hash(files, ref);
    }
    progress.points(tally.points - before);
  }
  for await (const entry of reader.entries()) {
    if (entry.kind === "file") await hash(files, entry);
  }
  for (const [path, read] of files.tallies) tally.file(path, read);
  const lanes = destinations.map((to) => new Lane(to, reader, progress, wishes));
  for (const lane of lanes) {
    await lane.begin(context);
    await lane.compare(tally.result());
    await lane.close();
  }
  const seconds = (context.now() - started) / 1000;
  return lanes.map((lane) => outcome(lane, reader, { tally, excluded: {}, size: 0, seconds }));
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
