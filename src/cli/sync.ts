import { sources } from "../../adapters/mod.ts";
import type { Range } from "../sync/exclude.ts";
import { parseFilters } from "../sync/select.ts";
import { sync } from "../sync/sync.ts";
import { openPlaces, type PlaceOptions } from "./destinations.ts";
import { counted, findRuns, nothingFound, onlyOne } from "./find.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { tellOutcomes } from "./tell_outcomes.ts";

/** Options of `runferry sync`. */
export interface SyncCommandOptions extends CommonOptions, PlaceOptions {
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
}

/** Ferries runs to their destinations and resolves to the exit code. */
export async function syncCommand(
  shell: Shell,
  paths: readonly string[],
  options: SyncCommandOptions,
): Promise<number> {
  const { maxFileSize } = options;
  const { destinations, id } = await openPlaces(shell, options);
  const filter = parseFilters(options);
  const names = destinations.map(({ name }) => name);
  await using session = openSession(shell, options, names);
  const { context, progress } = session;
  for (const destination of destinations) await destination.check(context);
  const count = { found: 0 };
  const found = counted(onlyOne(findRuns(paths, context, shell), id), count);
  const outcomes = sync(found, {
    sources,
    destinations,
    jobs: options.jobs,
    dryRun: options.dryRun ?? false,
    recheck: options.recheck ?? false,
    filter,
    excluded: { console: !options.console, media: !options.media, ...rangeOf(options) },
    ...(maxFileSize === undefined ? {} : { maxFileSize }),
    context,
    progress,
  });
  return await tellOutcomes(
    outcomes,
    session,
    () => nothingFound(paths, count.found),
  );
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
