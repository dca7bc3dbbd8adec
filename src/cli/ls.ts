import { sources } from "../../adapters/mod.ts";
import { errorReport } from "../sync/error_report.ts";
import type { Found } from "../sync/plan.ts";
import { parseFilters } from "../sync/select.ts";
import { openRun } from "../sync/sync.ts";
import { openPlaces } from "./destinations.ts";
import { exitCodes, partialExit } from "./exit.ts";
import { findRuns, nothingFound } from "./find.ts";
import { openJournals, type StateOptions } from "./journals.ts";
import { type ListedRun, readListedRun, type Witnesses } from "./listed_run.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";

/** Options of `runferry ls`. */
export interface LsCommandOptions extends CommonOptions, StateOptions {
  readonly to: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Lists the runs at the paths and resolves to the exit code. */
export async function lsCommand(
  shell: Shell,
  paths: readonly string[],
  options: LsCommandOptions,
): Promise<number> {
  const destinations = options.to.length === 0
    ? []
    : (await openPlaces(shell, { to: options.to })).destinations;
  const filter = parseFilters(options);
  await using session = openSession(shell, options, destinations.map(({ name }) => name));
  const { reporter, progress, context } = session;
  const journals = openJournals(shell, options, context);
  const found = await Array.fromAsync(findRuns(paths, context, shell));
  progress.total(found.length, 0);
  const counts = { listed: 0, unreadable: 0 };
  for (const each of found) {
    if (shell.stdout.closed) return 0;
    shell.signal.throwIfAborted();
    const path = each.type === "run" ? each.ref.path : each.path;
    try {
      const run = await read(each, { journals, destinations, context });
      progress.runEnded(path, 0);
      progress.points(run.inspection.points);
      if (!filter.matches(run.inspection, shell.now())) continue;
      await progress.aside(() => reporter.listed(run));
      counts.listed++;
    } catch (error) {
      await progress.aside(() => reporter.unreadable(path, errorReport(error)));
      counts.unreadable++;
    }
  }
  await progress.aside(() => reporter.listEnded());
  if (counts.unreadable > 0) {
    return counts.listed > 0 ? partialExit : exitCodes.source;
  }
  if (counts.listed === 0) throw nothingFound(paths, found.length);
  return 0;
}

async function read(found: Found, witnesses: Witnesses): Promise<ListedRun> {
  if (found.type === "problem") throw found.error;
  await using reader = await openRun(found.ref, sources, witnesses.context);
  return await readListedRun(reader, witnesses);
}
