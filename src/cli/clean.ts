import { sources } from "../../adapters/mod.ts";
import { UsageError } from "../errors.ts";
import { type CleanOptions, type Proof, prove } from "../sync/clean.ts";
import { tryToClean } from "../sync/clean_sync.ts";
import type { Found } from "../sync/plan.ts";
import { Relatives } from "../sync/relatives.ts";
import { parseFilters } from "../sync/select.ts";
import { eachRun, type RunsOptions } from "../sync/sync.ts";
import { verifyRun } from "../sync/verify.ts";
import { CleanReport } from "./clean_report.ts";
import { type CleaningOptions, endInterrupted, openCleaning, refOf } from "./cleaning.ts";
import { openPlaces, type PlaceOptions } from "./destinations.ts";
import { findRuns, nothingFound, onlyOne, withoutEmptied } from "./find.ts";
import { openJournals, type StateOptions } from "./journals.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { formatBytes } from "./units.ts";

/** Options of `runferry clean`. */
export interface CleanCommandOptions
  extends CommonOptions, PlaceOptions, StateOptions, CleaningOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly jobs: number;
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
}

/** Unless the user says otherwise, a run directory stays for a day after its last change; ms. */
const defaultMinAge = 24 * 3_600_000;

/** Deletes run directories that destinations prove to hold, and resolves to the exit code. */
export async function cleanCommand(
  shell: Shell,
  paths: readonly string[],
  options: CleanCommandOptions,
): Promise<number> {
  refuseSilence(shell, options);
  const { destinations, id, manners } = await openPlaces(shell, options);
  const names = destinations.map(({ name }) => name);
  await using session = openSession(shell, options, names, "verify");
  const { context, progress } = session;
  for (const destination of destinations) await destination.check(context);
  const all = await Array.fromAsync(onlyOne(findRuns(paths, context, shell), id));
  const found = withoutEmptied(all, context);
  const isEmptied = found.length === 0 && all.length > 0;
  const journals = openJournals(shell, options, context);
  const place = { paths, found, destinations, journals, context };
  const minAge = options.minAge ?? defaultMinAge;
  const cleaning = await openCleaning(shell, place, { ...options, minAge });
  const report = new CleanReport(shell, options, session);
  const runs = {
    sources,
    destinations,
    jobs: options.jobs,
    filter: parseFilters(options),
    journals,
    manners: await manners(),
    relatives: new Relatives(found, sources, context),
    context,
    progress,
  };
  const waiting = await proveAll(found, runs, { options, cleaning, report });
  await cleanWaiting(shell, waiting, { options, cleaning, report });
  if (options.dryRun === undefined && !context.signal.aborted) {
    await endInterrupted(place, cleaning);
  }
  return await report.end(() => isEmptied ? undefined : nothingFound(paths, found.length));
}

/** Asks, once for all that is proven, and does it. */
async function cleanWaiting(
  shell: Shell,
  waiting: readonly Proof[],
  { options, cleaning, report }: Cleaning,
): Promise<void> {
  if (waiting.length === 0 || shell.signal.aborted) return;
  const isYes = await report.ask(waiting, () => isWanted(shell, waiting, options));
  for (const proof of waiting) {
    if (shell.signal.aborted) return;
    const attempt = isYes ? await tryToClean(proof, cleaning) : declined;
    await report.run({ proof, attempt });
  }
}

/** What a command knows about what may go. */
interface Cleaning {
  readonly options: CleanCommandOptions;
  readonly cleaning: CleanOptions;
  readonly report: CleanReport;
}

/** What a run is told as when the user does not want it deleted after all. */
const declined = { cleaned: false, planned: false, reasons: ["You said no."] } as const;

/** Nobody could be asked. */
function refuseSilence({ stdin }: Shell, { yes, dryRun }: CleanCommandOptions): void {
  if (stdin.interactive || yes !== undefined || dryRun !== undefined) return;
  throw new UsageError("There is no terminal to ask whether runs may be deleted", {
    hint: "Say --yes to delete what is proven, or --dry-run to see what that is.",
  });
}

/** Proves every run, cleans it at once if nobody is to be asked, and returns those that wait. */
async function proveAll(
  found: readonly Found[],
  runs: RunsOptions,
  { options, cleaning, report }: Cleaning,
): Promise<readonly Proof[]> {
  const waiting: Proof[] = [];
  const isDry = options.dryRun !== undefined;
  const dryRun = isDry || options.yes === undefined;
  const outcomes = eachRun(found, runs, async (reader) => {
    const proof = await prove(refOf(reader, found), reader, (watched) => verifyRun(watched, runs));
    // What is still open counts as in use, and cannot be deleted on every file system.
    await reader[Symbol.asyncDispose]();
    const attempt = await tryToClean(proof, { ...cleaning, dryRun });
    if (attempt.planned && !isDry) waiting.push(proof);
    else await report.run({ proof, attempt });
    return proof.outcomes;
  });
  for await (const outcome of outcomes) await report.outcome(outcome);
  return waiting;
}

async function isWanted(
  { stdin }: Shell,
  waiting: readonly Proof[],
  { trash }: CleanCommandOptions,
): Promise<boolean> {
  const bytes = waiting.reduce((sum, { directory }) => sum + directory.bytes, 0);
  const what = waiting.length === 1 ? "a run directory" : `${waiting.length} run directories`;
  const verb = trash === undefined ? "Delete" : "Move";
  return await stdin.confirm(`${verb} ${what} (${formatBytes(bytes)})?`);
}
