import { readLog } from "./read_log.ts";
import { readMedia } from "./read_media.ts";
import { readScalars } from "./read_scalars.ts";
import { type HeldSummary, readSummary } from "./read_summary.ts";
import type { LastPlaces } from "./segment.ts";
import { readSavedFiles } from "./read_saved_files.ts";
import type { RunPlace } from "./run_place.ts";
import { isOwn } from "./run_profile.ts";
import { settling } from "./settling.ts";
import { type Steps, upTo } from "./step_groups.ts";
import { DestinationError } from "../../../src/errors.ts";

/** What a host has of a run that was there before. */
export interface HeldRun {
  readonly scalars: ReadonlyMap<string, Steps>;
  readonly media: ReadonlyMap<string, Steps>;
  readonly lines: Steps;
  /** Where it ends. */
  readonly last: LastPlaces;
  /** MD5 of the saved files by path, where the host can list them. */
  readonly files?: ReadonlyMap<string, string>;
}

/**
 * Asks a host what it has of a run: every step where it can tell, else everything up to the last
 * one, as official clients take it.
 * @throws {DestinationError} when it cannot be asked at all, so that nothing would keep points from
 * being stored twice.
 */
export async function readHeldRun(place: RunPlace): Promise<HeldRun> {
  const { session, run } = place;
  // A ferry that was cut off just now may have brought what the host has yet to store.
  if (run.state === "RUNNING" && isOwn(run)) await session.context.wait(settling);
  const summary = await readSummary(place);
  if (summary === undefined) {
    throw new DestinationError(
      `Cannot continue the run ${run.id} at ${session.host.name}: it cannot tell what it has`,
      { hint: "Send it as a new run with --id new, or update the host." },
    );
  }
  const [scalars, media, lines, files] = await Promise.all([
    readScalars(place, { keys: [...summary.scalars.keys()], bounded: false }),
    readMedia(place, { keys: [...summary.media.keys()], bounded: false }),
    readLog(place, { bounded: false }),
    readSavedFiles(place),
  ]);
  return {
    scalars: mapValues(scalars, ({ steps }) => steps) ?? mapValues(summary.scalars, upTo),
    media: mapValues(media, ({ tally }) => tally.steps) ?? mapValues(summary.media, upTo),
    lines: lines?.steps ?? upTo(summary.lines),
    last: lastPlaces(summary),
    ...(files === undefined ? {} : { files: mapValues(files, ({ md5 }) => md5) }),
  };
}

/** Whether a key is one of the tracker's own monitoring. */
export function isSystemKey(key: string): boolean {
  return /^(__swanlab__\.|system\/)/.test(key);
}

function lastPlaces({ scalars, media, lines }: HeldSummary): LastPlaces {
  const isSystem = ([key]: readonly [string, number]): boolean => isSystemKey(key);
  const all = [...scalars];
  const step = (entries: readonly (readonly [string, number])[]): number =>
    entries.reduce((last, [, step]) => Math.max(last, step), -1);
  return {
    step: step([...all.filter((entry) => !isSystem(entry)), ...media]),
    sample: step(all.filter(isSystem)),
    line: lines,
  };
}

function mapValues<Value, Result>(
  map: ReadonlyMap<string, Value>,
  change: (value: Value) => Result,
): ReadonlyMap<string, Result>;
function mapValues<Value, Result>(
  map: ReadonlyMap<string, Value> | undefined,
  change: (value: Value) => Result,
): ReadonlyMap<string, Result> | undefined;
function mapValues<Value, Result>(
  map: ReadonlyMap<string, Value> | undefined,
  change: (value: Value) => Result,
): ReadonlyMap<string, Result> | undefined {
  return map && new Map([...map].map(([key, value]) => [key, change(value)] as const));
}
