import { sources } from "../../adapters/mod.ts";
import { parseFilters } from "../sync/select.ts";
import { sync } from "../sync/sync.ts";
import { openDestinations } from "./destinations.ts";
import { counted, findRuns, nothingFound } from "./find.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { tellOutcomes } from "./tell_outcomes.ts";

/** Options of `runferry sync`. */
export interface SyncCommandOptions extends CommonOptions {
  readonly to: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly jobs: number;
  /** In bytes. */
  readonly maxFileSize?: number | undefined;
  readonly console: boolean;
  readonly media: boolean;
  readonly source: boolean;
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
  const destinations = openDestinations(options.to, options.source);
  const filter = parseFilters(options);
  const names = destinations.map(({ name }) => name);
  await using session = openSession(shell, options, names);
  const { context, progress } = session;
  for (const destination of destinations) await destination.check(context);
  const count = { found: 0 };
  const found = counted(findRuns(paths, context, shell), count);
  const outcomes = sync(found, {
    sources,
    destinations,
    jobs: options.jobs,
    dryRun: options.dryRun ?? false,
    recheck: options.recheck ?? false,
    filter,
    excluded: { console: !options.console, media: !options.media },
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
