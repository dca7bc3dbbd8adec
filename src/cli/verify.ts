import { sources } from "../../adapters/mod.ts";
import { UsageError } from "../errors.ts";
import type { Outcome } from "../sync/outcome.ts";
import { Relatives } from "../sync/relatives.ts";
import { parseFilters } from "../sync/select.ts";
import { verifyRuns } from "../sync/verify.ts";
import { openPlaces, type PlaceOptions } from "./destinations.ts";
import { openJournals, type StateOptions } from "./journals.ts";
import { findRuns, nothingFound, onlyOne } from "./find.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { tellOutcomes } from "./tell_outcomes.ts";
import { rereadArchives } from "./reread_archives.ts";

/** Options of `runferry verify`. */
export interface VerifyCommandOptions extends CommonOptions, PlaceOptions, StateOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly jobs: number;
}

/** Compares runs with what destinations hold, or re-reads archives; resolves to the exit code. */
export async function verifyCommand(
  shell: Shell,
  paths: readonly string[],
  options: VerifyCommandOptions,
): Promise<number> {
  if (options.to.length === 0 && (options.host ?? options.h) === undefined) {
    return await verifyArchives(shell, paths, options);
  }
  const { destinations, id, manners } = await openPlaces(shell, options);
  const filter = parseFilters(options);
  const names = destinations.map(({ name }) => name);
  await using session = openSession(shell, options, names, "verify");
  const { context, progress } = session;
  for (const destination of destinations) await destination.check(context);
  const found = await Array.fromAsync(onlyOne(findRuns(paths, context, shell), id));
  const outcomes = verifyRuns(found, {
    sources,
    destinations,
    jobs: options.jobs,
    filter,
    journals: openJournals(shell, options, context),
    manners: await manners(),
    relatives: new Relatives(found, sources, context),
    context,
    progress,
  });
  return await tellOutcomes(asVerified(outcomes), session, () => nothingFound(paths, found.length));
}

/** To have it all there already is what verifying hopes for. */
async function* asVerified(outcomes: AsyncIterable<Outcome>): AsyncGenerator<Outcome> {
  for await (const outcome of outcomes) {
    yield outcome.status === "skipped" ? { ...outcome, status: "done" } : outcome;
  }
}

async function verifyArchives(
  shell: Shell,
  paths: readonly string[],
  options: VerifyCommandOptions,
): Promise<number> {
  if (paths.length === 0) {
    throw new UsageError("There is nothing to verify", {
      hint: "Name an archive, or runs and with --to what they are compared with.",
    });
  }
  if (options.include.length + options.exclude.length > 0) {
    throw new UsageError("--include and --exclude need --to", {
      hint: "Without --to archives are read again as a whole.",
    });
  }
  await using session = openSession(shell, options, [], "verify");
  return await tellOutcomes(
    rereadArchives(paths, shell, session),
    session,
    () => nothingFound(paths, 0),
  );
}
