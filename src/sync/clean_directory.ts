import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import { SourceError, systemCode } from "../errors.ts";
import { runDirectory } from "../files/run_directory.ts";
import { statusOf } from "../files/status_of.ts";
import { isInside } from "../files/walk.ts";
import type { RunRef } from "../model/run.ts";
import { directoryAt, type Identity } from "./trash_identity.ts";

/** A run directory as it was at a moment. */
export interface DirectoryState {
  readonly identity: Identity;
  /** Changes with every name, size and time in it. */
  readonly stamp: string;
}

/** The state of the directory at a path; undefined when it is none, or cannot be read. */
export async function directoryState(path: string): Promise<DirectoryState | undefined> {
  const identity = await directoryAt(path);
  if (identity === undefined) return undefined;
  try {
    return { identity, stamp: await stampOf(path) };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}

/** @throws {SourceError} when there is nothing at the path. */
export function stampOf(path: string): Promise<string> {
  return runDirectory(path, { followOutside: false }).stamp();
}

/** What a look into a run directory tells. */
export interface DirectoryFacts {
  /** ms since epoch of the last change of anything in it; undefined when it is unreadable. */
  readonly changedAt: number | undefined;
  /** Whether all large files are named, logs, or the log itself; undefined when it is unreadable. */
  readonly accounted: boolean | undefined;
  /** Whether no folder for runs lies in it, and none that is named as a run. */
  readonly single: boolean;
  /** Size of all files in it. */
  readonly bytes: number;
}

/** Names of folders in which trackers put their runs. */
const runFolders: ReadonlySet<string> = new Set(["wandb", ".wandb", "swanlog"]);

/** Smaller files that no record names are what trackers write for themselves; bytes. */
const largeFile = 1024 * 1024;

/** Looks at everything in a run directory; `named` are the files that its records name. */
export async function lookInto(
  { path, log }: RunRef,
  named: ReadonlySet<string>,
): Promise<DirectoryFacts> {
  let changedAt: number | undefined;
  let accounted = true;
  let single = true;
  let bytes = 0;
  try {
    for await (const entry of runDirectory(path, { followOutside: false }).entries()) {
      bytes += entry.bytes;
      const isOfRuns = runFolders.has(basename(entry.path)) || isNamedAsRun(entry.path);
      if (entry.kind === "directory" && isOfRuns) single = false;
      changedAt = Math.max(changedAt ?? -Infinity, entry.modified);
      const isKnown = named.has(entry.path) || `${path}/${entry.path}` === log ||
        entry.path.endsWith(".log");
      if (entry.bytes > largeFile && !isKnown) accounted = false;
      // What could never be read never arrived anywhere.
      if (entry.kind === "file") await access(join(path, entry.path), constants.R_OK);
    }
  } catch (error) {
    if (!(error instanceof SourceError) && systemCode(error) === undefined) throw error;
    return { changedAt: undefined, accounted: undefined, single, bytes };
  }
  return { changedAt, accounted, single, bytes };
}

/**
 * The `count` runs whose logs changed last; undefined when that cannot be told of all.
 */
export function newestOf(
  runs: readonly RunRef[],
  count: number,
): ReadonlySet<RunRef> | undefined {
  if (count === 0) return new Set();
  const times = new Map<RunRef, number>();
  for (const run of runs) {
    const time = statusOf(run.log ?? run.path)?.mtimeMs;
    if (time === undefined) return undefined;
    times.set(run, time);
  }
  const order = [...runs].sort((left, right) => (times.get(right) ?? 0) - (times.get(left) ?? 0));
  return new Set(order.slice(0, count));
}

/**
 * Whether a directory has a name that trackers give to run directories. Any folder with a stray log
 * in it can be read as a run, but what else lies there is none of the run's.
 */
export function isNamedAsRun(path: string): boolean {
  return /^(offline-)?run-\d{8}_\d{6}-./.test(basename(path));
}

/** Whether a directory holds one run and is no folder for runs; `others` are all that were found. */
export function isAlone({ path, log }: RunRef, others: readonly RunRef[]): boolean {
  if (runFolders.has(basename(path))) return false;
  return !others.some((other) =>
    (isInside(other.path, path) || isInside(path, other.path)) &&
    (other.path !== path || other.log !== log)
  );
}
