import { stat } from "node:fs/promises";
import type { Context, Destination, RunReader, Source } from "../adapter.ts";
import { CancelledError, SourceError, systemCode } from "../errors.ts";
import type { RunRef } from "../model/run.ts";
import { Checks } from "./checks.ts";
import { errorReport } from "./error_report.ts";
import type { Inspection } from "./inspect.ts";
import { inspect } from "./inspect.ts";
import { inOrderOfStart } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import type { Found } from "./plan.ts";
import { pool } from "./pool.ts";
import type { Progress } from "./progress.ts";
import type { Filter } from "./select.ts";
import { type JournalOptions, transfer, type TransferOptions } from "./transfer.ts";

/** What a command over many runs needs to know. */
export interface RunsOptions extends JournalOptions {
  readonly sources: readonly Source[];
  readonly destinations: readonly Destination[];
  /** How many runs are worked on side by side. */
  readonly jobs: number;
  readonly filter?: Filter;
  readonly context: Context;
  readonly progress: Progress;
}

/** What `sync` needs to know. */
export interface SyncOptions extends RunsOptions, TransferOptions {
  /** Only tell what would be done. */
  readonly dryRun: boolean;
  /** Does something more with each run that is sent; by default nothing. */
  readonly around?: (reader: RunReader, send: Send) => Promise<readonly Outcome[]>;
}

/** Transfers what a reader reads. */
export type Send = (reader: RunReader) => Promise<readonly Outcome[]>;

/**
 * Ferries every run that was found to every destination and yields an outcome per run and
 * destination, as they are ready. One bad run never stops the others.
 */
export function sync(
  found: AsyncIterable<Found> | Iterable<Found>,
  options: SyncOptions,
): AsyncGenerator<Outcome> {
  const { context, destinations, dryRun } = options;
  const checks = new Checks(context);
  const isFatal = (error: unknown): boolean => checks.failure === error;
  return eachRun(found, { ...options, isFatal }, async (reader, inspection, hold) => {
    if (dryRun) return await planned(reader, options, inspection);
    const { promise, resolve: handedOver } = Promise.withResolvers<void>();
    hold(promise);
    const check = (destination: Destination): Promise<void> => checks.ask(destination);
    try {
      const send: Send = (reader) =>
        transfer(reader, destinations, { ...options, check, handedOver });
      return await (options.around?.(reader, send) ?? send(reader));
    } finally {
      handedOver();
    }
  });
}

/**
 * What is done with a run. The next run waits until `hold`, called at once, has its promise kept.
 */
type Work = (
  reader: RunReader,
  inspection: Inspection | undefined,
  hold: (handedOver: Promise<void>) => void,
) => Promise<readonly Outcome[]>;

/**
 * Opens each run that the filter takes, hands it to `work`, and reports what cannot be opened.
 * Runs are worked on side by side, but handed over in the order of their start: the parts of a
 * resumed run meet at a destination, and the first has to come first. What `isFatal` says ends it all.
 */
export async function* eachRun(
  found: AsyncIterable<Found> | Iterable<Found>,
  options: RunsOptions & { readonly isFatal?: (error: unknown) => boolean },
  work: Work,
): AsyncGenerator<Outcome> {
  const runs = inOrderOfStart(await Array.fromAsync(found));
  const sizes = new Map<Found, number>();
  for (const run of runs) sizes.set(run, await logSize(run));
  options.progress.total(
    runs.length,
    [...sizes.values()].reduce((sum, size) => sum + size, 0),
  );
  let door = Promise.resolve();
  const results = pool(runs, options.jobs, async (run) => {
    const path = run.type === "run" ? run.ref.path : run.path;
    options.progress.runStarted(path);
    const before = door;
    let pass = (): void => {};
    door = new Promise((resolve) => {
      pass = resolve;
    });
    await before;
    let held: Promise<void> | undefined;
    const outcomes = await oneRun(run, options, (reader, inspection) => {
      const working = work(reader, inspection, (handedOver) => {
        held = handedOver;
      });
      if (held === undefined) pass();
      else void held.then(pass);
      return working;
    }).finally(pass);
    options.progress.runEnded(path, sizes.get(run) ?? 0);
    return outcomes;
  });
  for await (const outcomes of results) yield* outcomes;
}

async function oneRun(
  run: Found,
  { sources, destinations, filter, context, isFatal }: Parameters<typeof eachRun>[1],
  work: (
    reader: RunReader,
    inspection: Inspection | undefined,
  ) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const where = run.type === "run" ? run.ref : { path: run.path };
  try {
    if (run.type === "problem") throw run.error;
    if (context.signal.aborted) throw new CancelledError();
    await using reader = await openRun(run.ref, sources, context);
    const inspection = filter?.needsReading ? await inspect(reader) : undefined;
    if (inspection && !filter?.matches(inspection, context.now())) return [];
    return await work(reader, inspection);
  } catch (error) {
    if (isFatal?.(error)) throw error;
    const names = destinations.length === 0 ? [""] : destinations.map(({ name }) => name);
    return names.map((destination) => failedOutcome(where, destination, error));
  }
}

/**
 * Opens a run with the source that found it.
 * @throws {SourceError} when it cannot be read.
 */
export async function openRun(
  ref: RunRef,
  sources: readonly Source[],
  context: Context,
): Promise<RunReader> {
  const source = sources.find(({ name }) => name === ref.source);
  if (source === undefined) {
    throw new SourceError(`No source is named "${ref.source}"`);
  }
  return await source.open(ref, context);
}

const nothing = {
  events: {},
  excluded: {},
  sent: 0,
  present: 0,
  losses: [],
  gaps: 0,
  assurance: "none",
  differences: [],
  points: 0,
  files: 0,
  bytes: 0,
  cleaned: false,
  seconds: 0,
} as const;

function failedOutcome(
  where: { readonly path: string; readonly source?: string },
  destination: string,
  error: unknown,
): Outcome {
  return {
    ...nothing,
    path: where.path,
    ...(where.source === undefined ? {} : { source: where.source }),
    destination,
    status: "failed",
    error: errorReport(error),
  };
}

async function planned(
  reader: RunReader,
  { destinations }: SyncOptions,
  inspection: Inspection | undefined,
): Promise<readonly Outcome[]> {
  const { info, events, gaps, tail, points, bytes } = inspection ??
    await inspect(reader);
  return destinations.map(({ name }) => ({
    ...nothing,
    path: info.path,
    source: info.source,
    info,
    destination: name,
    status: "skipped",
    planned: true,
    events,
    gaps,
    ...(tail === undefined ? {} : { tail }),
    points,
    bytes,
  }));
}

/** Size of the run's log in bytes, 0 if it has none; only for the display of progress. */
async function logSize(run: Found): Promise<number> {
  if (run.type !== "run" || run.ref.log === undefined) return 0;
  try {
    return (await stat(run.ref.log)).size;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return 0;
  }
}
