import { lstat, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { Context, RunReader } from "../adapter.ts";
import { SourceError, systemCode, UsageError } from "../errors.ts";
import { isInside } from "../files/walk.ts";
import type { RunRef } from "../model/run.ts";
import type { CleanOptions } from "../sync/clean.ts";
import { newestOf } from "../sync/clean_directory.ts";
import { holdJournal } from "../sync/clean_hold.ts";
import { endLeftovers } from "../sync/clean_leftovers.ts";
import type { Journals } from "../sync/journals.ts";
import type { Found } from "../sync/plan.ts";
import type { Shell } from "./shell.ts";

/** Options that say which run directories may go, and where to. */
export interface CleaningOptions {
  /** ms. */
  readonly minAge?: number | undefined;
  /** How many of the newest runs stay. */
  readonly keep?: number | undefined;
  /** A folder to move them to. */
  readonly trash?: string | undefined;
}

/** @throws {UsageError} when it is said how to clean, but not to do it. */
export function refuseWithoutClean(
  { clean, minAge, keep, trash }: CleaningOptions & { readonly clean?: true | undefined },
): void {
  if (clean !== undefined || (minAge ?? keep ?? trash) === undefined) return;
  throw new UsageError("--min-age, --keep and --trash need --clean", {
    hint: "Add --clean if run directories that have arrived are to go.",
  });
}

/** What is cleaned. */
export interface CleaningPlace extends Pick<CleanOptions, "destinations"> {
  /** As the user gave them. */
  readonly paths: readonly string[];
  readonly found: readonly Found[];
  readonly journals: Journals;
  readonly context: Context;
}

/**
 * Says which run directories may go.
 * @throws {UsageError} when the trash lies among the runs, where they would be found again.
 */
export async function openCleaning(
  { cwd }: Shell,
  { paths, found, destinations, journals, context }: CleaningPlace,
  { minAge = 0, keep = 0, trash }: CleaningOptions,
): Promise<CleanOptions> {
  const refs = found.flatMap((each) => each.type === "run" ? [each.ref] : []);
  const within = await placesOf(paths, refs, cwd);
  const folder = trash === undefined ? undefined : resolve(cwd, trash);
  const around = within.find((path) => folder !== undefined && isInside(folder, path));
  if (around !== undefined) {
    throw new UsageError(`The trash ${folder} lies in ${around}`, {
      hint: "Choose a folder outside of what is cleaned, or the runs are found there again.",
    });
  }
  return {
    destinations,
    within,
    found: refs,
    newest: newestOf(refs, keep),
    minAge,
    ...(folder === undefined ? {} : { trash: folder }),
    dryRun: false,
    now: () => context.now(),
    hold: (run, name) => holdJournal(journals, run, name),
  };
}

/**
 * Ends what earlier commands were interrupted in, and tells the user.
 * @throws {ToolError} when something of it cannot be ended.
 */
export async function endInterrupted(
  { journals, context }: CleaningPlace,
  { within }: CleanOptions,
): Promise<void> {
  for (const path of await endLeftovers(journals, within)) {
    context.notice(`${path} is gone now; an earlier command was interrupted while it deleted it.`);
  }
}

/**
 * What was given, free of links; without paths the current directory. A link to a run itself gives
 * nothing.
 */
async function placesOf(
  paths: readonly string[],
  refs: readonly RunRef[],
  cwd: string,
): Promise<readonly string[]> {
  if (paths.length === 0) return [await realpath(cwd)];
  const places: string[] = [];
  for (const path of paths) {
    try {
      const place = await realpath(resolve(cwd, path));
      // Whoever names a link, such as latest-run, may not know what it leads to by now.
      const isLink = (await lstat(resolve(cwd, path))).isSymbolicLink();
      if (!isLink || refs.every((ref) => ref.path !== place)) places.push(place);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      // A pattern names what it leads to, and nothing else.
      if (/[*?[{]/.test(path)) places.push(...refs.map((ref) => ref.path));
    }
  }
  return places;
}

/**
 * The run that a reader reads.
 * @throws {SourceError} when it is none of those that were found.
 */
export function refOf({ info }: RunReader, found: readonly Found[]): RunRef {
  for (const each of found) {
    if (each.type === "run" && each.ref.path === info.path) return each.ref;
  }
  throw new SourceError(`${info.path} is none of the runs that were found`);
}
