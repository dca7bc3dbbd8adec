import { sources } from "../../adapters/mod.ts";
import type { RunReader } from "../adapter.ts";
import { UsageError } from "../errors.ts";
import type { CleanOptions } from "../sync/clean.ts";
import type { Range } from "../sync/exclude.ts";
import type { Outcome } from "../sync/outcome.ts";
import type { Found } from "../sync/plan.ts";
import { Relatives } from "../sync/relatives.ts";
import { markSynced } from "../sync/mark_synced.ts";
import { parseFilters } from "../sync/select.ts";
import { sendAndClean } from "../sync/clean_sync.ts";
import { sync, type SyncOptions } from "../sync/sync.ts";
import { verifyRun } from "../sync/verify.ts";
import { watch } from "../sync/watch.ts";
import { openPlaces, type PlaceOptions } from "./destinations.ts";
import { Draining } from "./draining.ts";
import { defaultIdle, type MaybeFollowingOptions, refuseWrongFollowing } from "./following.ts";
import { openJournals, type StateOptions } from "./journals.ts";
import { findRuns, nothingFound, onlyOne, withoutEmptied } from "./find.ts";
import {
  type CleaningOptions,
  endInterrupted,
  openCleaning,
  refOf,
  refuseWithoutClean,
} from "./cleaning.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { signalExit } from "./signals.ts";
import { tellOutcomes } from "./tell_outcomes.ts";

/** Options of `runferry sync`. */
export interface SyncCommandOptions
  extends CommonOptions, PlaceOptions, StateOptions, CleaningOptions, MaybeFollowingOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly jobs: number;
  /** In bytes. */
  readonly maxFileSize?: number | undefined;
  readonly console: boolean;
  readonly media: boolean;
  readonly startStep?: number | undefined;
  readonly endStep?: number | undefined;
  /** ms since epoch. */
  readonly startTime?: number | undefined;
  readonly endTime?: number | undefined;
  readonly dryRun?: true | undefined;
  readonly recheck?: true | undefined;
  /** Delete run directories that arrived. */
  readonly clean?: true | undefined;
  /** Tell the tools of the tracker which runs have arrived. */
  readonly markSynced?: true | undefined;
}

/** Ferries runs to their destinations and resolves to the exit code. */
export async function syncCommand(
  shell: Shell,
  paths: readonly string[],
  options: SyncCommandOptions,
): Promise<number> {
  refuseWithoutClean(options);
  refuseWrongFollowing(options);
  refuseMarkingParts(options);
  const { maxFileSize, dryRun = false } = options;
  const { destinations, id, manners } = await openPlaces(shell, options);
  const filter = parseFilters(options);
  const names = destinations.map(({ name }) => name);
  await using session = openSession(shell, options, names, options.follow ? "watch" : "sync");
  const { progress } = session;
  using draining = options.follow ? new Draining(shell) : undefined;
  const context = { ...session.context, ...(draining && { signal: draining.signal }) };
  if (dryRun) { for (const destination of destinations) await destination.check(context); }
  const all = await Array.fromAsync(onlyOne(findRuns(paths, context, shell), id));
  const found = options.clean === undefined ? all : withoutEmptied(all, context);
  const isEmptied = found.length === 0 && all.length > 0;
  const journals = openJournals(shell, options, context);
  const runs = { sources, destinations, jobs: options.jobs, manners: await manners() };
  const relatives = new Relatives(found, sources, context);
  const shared = { ...runs, ...(dryRun ? {} : { journals }), relatives, context, progress };
  const place = { paths, found, destinations, journals, context };
  const cleaning = options.clean === undefined || dryRun
    ? undefined
    : await openCleaning(shell, place, options);
  const around = chooseAround(options, { cleaning, found, shared });
  const how: SyncOptions = {
    ...shared,
    dryRun,
    recheck: options.recheck ?? false,
    filter,
    excluded: { console: !options.console, media: !options.media, ...rangeOf(options) },
    ...(maxFileSize === undefined ? {} : { maxFileSize }),
    ...(around === undefined ? {} : { around }),
  };
  const outcomes = draining === undefined ? sync(found, how) : followed(found, how, options, shell);
  const told = tellOutcomes(
    outcomes,
    session,
    () => isEmptied ? undefined : nothingFound(paths, found.length),
  );
  // Whatever neither arrives nor gives up in time must not keep the program from ending.
  const cut = draining?.over.then(() => signalExit(shell.signal));
  const exit = await (cut === undefined ? told : Promise.race([told, cut]));
  if (cleaning !== undefined && !shell.signal.aborted) await endInterrupted(place, cleaning);
  return exit;
}

/** Ferries runs, and those that are still written as they grow, to their end. */
function followed(
  found: readonly Found[],
  how: SyncOptions,
  { idle = defaultIdle, finishStale }: MaybeFollowingOptions,
  { signal }: Shell,
): AsyncGenerator<Outcome> {
  return watch(() => found, {
    ...how,
    idle,
    finishStale: finishStale ?? false,
    until: "ended",
    stop: signal,
  });
}

/** @throws {UsageError} when runs would be marked of which a part is left out. */
function refuseMarkingParts(options: SyncCommandOptions): void {
  const { markSynced, console, media, maxFileSize } = options;
  if (markSynced === undefined) return;
  if (console && media && maxFileSize === undefined && rangeOf(options).range === undefined) return;
  throw new UsageError("--mark-synced cannot mark runs of which a part is left out", {
    hint: "Leave out --no-console, --no-media, --max-file-size and ranges, or --mark-synced.",
  });
}

type Around = NonNullable<SyncOptions["around"]>;

/** What is done with a run besides sending it, if anything. */
function chooseAround(
  { markSynced: isMarking, dryRun }: SyncCommandOptions,
  { cleaning, found, shared }: {
    readonly cleaning: CleanOptions | undefined;
    readonly found: readonly Found[];
    readonly shared: Parameters<typeof verifyRun>[1];
  },
): Around | undefined {
  const around = cleaning === undefined ? undefined : cleaner(cleaning, found, shared);
  if (isMarking === undefined || dryRun) return around;
  return async (reader, send) => {
    const outcomes = await (around?.(reader, send) ?? send(reader));
    return await markSynced(refOf(reader, found), outcomes, shared);
  };
}

/** Deletes what was sent, where all speaks for it. */
function cleaner(
  cleaning: CleanOptions,
  found: readonly Found[],
  shared: Parameters<typeof verifyRun>[1],
): Around {
  return (reader, send) => {
    const compare = (reader: RunReader): Promise<readonly Outcome[]> => verifyRun(reader, shared);
    return sendAndClean(refOf(reader, found), reader, { send, compare }, cleaning);
  };
}

/** The range that was asked for, if any was. */
function rangeOf(options: SyncCommandOptions): { readonly range?: Range } {
  const { startStep, endStep, startTime, endTime } = options;
  const range = {
    ...(startStep === undefined ? {} : { startStep }),
    ...(endStep === undefined ? {} : { endStep }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(endTime === undefined ? {} : { endTime }),
  };
  return Object.keys(range).length === 0 ? {} : { range };
}
