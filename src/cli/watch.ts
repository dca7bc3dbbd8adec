import { sources } from "../../adapters/mod.ts";
import type { Context } from "../adapter.ts";
import { parseFilters } from "../sync/select.ts";
import { watch } from "../sync/watch.ts";
import { openPlaces, type PlaceOptions } from "./destinations.ts";
import { Draining } from "./draining.ts";
import { findRuns, onlyOne } from "./find.ts";
import { openJournals, type StateOptions } from "./journals.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { TotalsCounter } from "./totals.ts";

/** Options of `runferry watch`. */
export interface WatchCommandOptions extends CommonOptions, PlaceOptions, StateOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly jobs: number;
  /** In ms. */
  readonly idle: number;
  readonly finishStale?: true | undefined;
  readonly once?: true | undefined;
  /** In bytes. */
  readonly maxFileSize?: number | undefined;
  readonly console: boolean;
  readonly media: boolean;
}

/**
 * Follows runs until it is asked to end, and resolves to the exit code: 0 then, whatever became of
 * single runs; with `once` that of `sync`, and 0 where there was nothing to complete.
 */
export async function watchCommand(
  shell: Shell,
  paths: readonly string[],
  options: WatchCommandOptions,
): Promise<number> {
  const { maxFileSize, once = false, finishStale = false, jobs, idle } = options;
  const { destinations, id, manners } = await openPlaces(shell, options);
  const filter = parseFilters(options);
  await using session = openSession(shell, options, destinations.map(({ name }) => name), "watch");
  using draining = new Draining(shell);
  const context: Context = { ...session.context, signal: draining.signal };
  for (const destination of destinations) await destination.check(context);
  const outcomes = watch(() => onlyOne(findRuns(paths, context, shell), id), {
    sources,
    destinations,
    jobs,
    idle,
    until: once ? "now" : "stopped",
    finishStale,
    stop: shell.signal,
    dryRun: false,
    recheck: false,
    filter,
    excluded: { console: !options.console, media: !options.media },
    ...(maxFileSize === undefined ? {} : { maxFileSize }),
    journals: openJournals(shell, options, context),
    manners: await manners(),
    context,
    progress: session.progress,
  });
  const exit = (): number => once && !shell.signal.aborted ? totals.exit() ?? 0 : 0;
  const totals = new TotalsCounter();
  const told = async (): Promise<void> => {
    const { reporter, progress, seconds } = session;
    for await (const outcome of outcomes) {
      totals.add(outcome);
      await progress.aside(() => reporter.outcome(outcome));
    }
    await progress.aside(() => reporter.summary(totals.totals(seconds()), exit()));
  };
  // Whatever neither arrives nor gives up in time must not keep the program from ending.
  await Promise.race([told(), draining.over]);
  return exit();
}
