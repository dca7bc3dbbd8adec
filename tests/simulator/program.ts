/** What `sync --clean`, `clean` and `watch --once` do, without terminal and options; in one model process. */
import type { Context, Destination, RunReader } from "../../src/adapter.ts";
import { endInterrupted, openCleaning, refOf } from "../../src/cli/cleaning.ts";
import type { Shell } from "../../src/cli/shell.ts";
import { CancelledError } from "../../src/errors.ts";
import { type CleanOptions, prove } from "../../src/sync/clean.ts";
import { type CleanAttempt, sendAndClean, tryToClean } from "../../src/sync/clean_sync.ts";
import { errorReport } from "../../src/sync/error_report.ts";
import { Journals } from "../../src/sync/journals.ts";
import type { ErrorReport, Outcome } from "../../src/sync/outcome.ts";
import { type Found, plan } from "../../src/sync/plan.ts";
import { Relatives } from "../../src/sync/relatives.ts";
import { eachRun, type RunsOptions, sync, type SyncOptions } from "../../src/sync/sync.ts";
import { verifyRun } from "../../src/sync/verify.ts";
import { watch } from "../../src/sync/watch.ts";
import { keeperDestination } from "./keeper_destination.ts";
import { become } from "./model_fs.ts";
import type { ModelKeeper } from "./model_keeper.ts";
import type { ModelProcess } from "./model_process.ts";
import type { ModelService } from "./model_service.ts";
import { modelSource } from "./model_source.ts";
import { runsFolder, stateFolder, trashFolder } from "./places.ts";
import { serviceDestination } from "./service_destination.ts";

/** Where runs can go. */
export interface Hosts {
  readonly service: ModelService;
  readonly keeper: ModelKeeper;
}

/** What a command is to do. */
export interface Orders {
  readonly command: "sync" | "clean" | "watch";
  readonly to: readonly (keyof Hosts)[];
  /** For `sync`: delete what has arrived. */
  readonly clean: boolean;
  readonly recheck: boolean;
  readonly breakLock: boolean;
  readonly jobs: number;
  /** Move run directories instead of deleting them. */
  readonly moves: boolean;
}

/** What became of a command. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  readonly cleaned: readonly CleanAttempt[];
  /** What ended it before its end. */
  readonly failure?: ErrorReport;
  readonly notices: readonly string[];
}

/** Runs a command to its end, as far as the process comes. */
export async function command(
  process: ModelProcess,
  hosts: Hosts,
  orders: Orders,
): Promise<Report> {
  become(process);
  const outcomes: Outcome[] = [];
  const cleaned: CleanAttempt[] = [];
  const notices: string[] = [];
  const context = contextOf(process, notices);
  try {
    const place = await open(process, hosts, orders, context);
    for await (const result of commands[orders.command](place, orders)) {
      if ("destination" in result) outcomes.push(result);
      else cleaned.push(result);
    }
  } catch (error) {
    return { outcomes, cleaned, failure: errorReport(error), notices };
  }
  return { outcomes, cleaned, notices };
}

function contextOf(process: ModelProcess, notices: string[]): Context {
  const { signal } = process.cancellation;
  return {
    signal,
    now: () => process.machine.now(),
    async wait(ms): Promise<void> {
      await process.step({ name: "wait", subject: `${ms}`, act: () => process.machine.pass(ms) });
      if (signal.aborted) throw new CancelledError();
    },
    environment: {},
    home: "/home",
    followOutside: false,
    notice: (message) => void notices.push(message),
  };
}

/** All that a command works with. */
interface Place {
  readonly found: readonly Found[];
  readonly shared: RunsOptions & { readonly journals: Journals };
  readonly cleaning: CleanOptions | undefined;
}

async function open(
  process: ModelProcess,
  hosts: Hosts,
  orders: Orders,
  context: Context,
): Promise<Place> {
  const destinations = orders.to.map((name): Destination =>
    name === "service"
      ? serviceDestination(hosts.service, process)
      : keeperDestination(hosts.keeper, process)
  );
  const sources = [modelSource];
  const found = await Array.fromAsync(plan([runsFolder], sources, context, { cwd: "/" }));
  const journals = new Journals({
    directory: stateFolder,
    pid: process.pid,
    tool: "model",
    breakLock: orders.breakLock,
    now: () => context.now(),
    notice: (message) => context.notice(message),
  });
  const relatives = new Relatives(found, sources, context);
  const shared = {
    ...{ sources, destinations, jobs: orders.jobs, journals, relatives, context },
    progress: silent,
  };
  const isCleaning = orders.command === "clean" || orders.clean;
  const place = { paths: [runsFolder], found, destinations, journals, context };
  const options = orders.moves ? { trash: trashFolder } : {};
  const cleaning = isCleaning ? await openCleaning(shell, place, options) : undefined;
  return { found, shared, cleaning };
}

const shell = { cwd: "/" } as Shell;

const silent = {
  total: (): void => {},
  runStarted: (): void => {},
  points: (): void => {},
  bytes: (): void => {},
  file: (): void => {},
  runEnded: (): void => {},
};

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const commands = { sync: syncAll, clean: cleanAll, watch: watchAll } as const;

/** Delivers what is there, and makes final what has ended. */
function watchAll({ found, shared }: Place): AsyncGenerator<Outcome> {
  return watch(() => each(found), {
    ...shared,
    ...{ dryRun: false, recheck: false, excluded: { console: false, media: false } },
    stop: shared.context.signal,
    idle: 1_800_000,
    finishStale: false,
    until: "now",
  });
}

async function* syncAll(place: Place, orders: Orders): AsyncGenerator<Outcome> {
  const { found, shared, cleaning } = place;
  yield* sync(each(found), {
    ...shared,
    dryRun: false,
    recheck: orders.recheck,
    excluded: { console: false, media: false },
    ...(cleaning === undefined ? {} : { around: cleaner(place, cleaning) }),
  });
  if (cleaning !== undefined) await endAll(place, cleaning);
}

function cleaner(
  { found, shared }: Place,
  cleaning: CleanOptions,
): NonNullable<SyncOptions["around"]> {
  return (reader, send) => {
    const compare = (reader: RunReader): Promise<readonly Outcome[]> => verifyRun(reader, shared);
    return sendAndClean(refOf(reader, found), reader, { send, compare }, cleaning);
  };
}

async function* cleanAll(
  { found, shared, cleaning }: Place,
  orders: Orders,
): AsyncGenerator<Outcome | CleanAttempt> {
  if (cleaning === undefined) return;
  const attempts: CleanAttempt[] = [];
  const outcomes = eachRun(each(found), { ...shared, jobs: orders.jobs }, async (reader) => {
    const proof = await prove(refOf(reader, found), reader, (seen) => verifyRun(seen, shared));
    await reader[Symbol.asyncDispose]();
    attempts.push(await tryToClean(proof, cleaning));
    return proof.outcomes;
  });
  yield* outcomes;
  yield* attempts;
  await endAll({ found, shared, cleaning }, cleaning);
}

async function endAll({ found, shared }: Place, cleaning: CleanOptions): Promise<void> {
  const { destinations, journals, context } = shared;
  if (context.signal.aborted) return;
  await endInterrupted({ paths: [runsFolder], found, destinations, journals, context }, cleaning);
}
