import { sources } from "../../adapters/mod.ts";
import type { Context } from "../adapter.ts";
import { CancelledError } from "../errors.ts";
import type { Outcome } from "../sync/outcome.ts";
import { watch } from "../sync/watch.ts";
import { openPlaces, type PlaceOptions } from "./destinations.ts";
import { findRuns } from "./find.ts";
import { openJournals, type StateOptions } from "./journals.ts";
import { type CommonOptions, openSession, type Session } from "./session.ts";
import type { Shell } from "./shell.ts";
import { TotalsCounter } from "./totals.ts";

/** Options of `runferry watch`. */
export interface WatchCommandOptions extends CommonOptions, PlaceOptions, StateOptions {
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

/** ms that what was read may still take to arrive once the program is asked to end. */
const drainTime = 8000;
/** ms that whatever is then broken off gets to clean up. */
const givingUp = 1000;

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
  const { destinations, manners } = await openPlaces(shell, options);
  await using session = openSession(shell, options, destinations.map(({ name }) => name));
  using draining = new Draining(shell);
  const context: Context = { ...session.context, signal: draining.signal };
  for (const destination of destinations) await destination.check(context);
  const outcomes = watch(() => findRuns(paths, context, shell), {
    sources,
    destinations,
    jobs,
    idle,
    once,
    finishStale,
    stop: shell.signal,
    dryRun: false,
    recheck: false,
    excluded: { console: !options.console, media: !options.media },
    ...(maxFileSize === undefined ? {} : { maxFileSize }),
    journals: openJournals(shell, options, context),
    manners: await manners(),
    context,
    progress: session.progress,
  });
  // Whatever neither arrives nor gives up in time must not keep the program from ending.
  const exit = await Promise.race([tell(outcomes, session, shell), draining.over]);
  return once && !shell.signal.aborted ? exit : 0;
}

/** Reports outcomes as they come, then their sum, and resolves to the exit code of `sync`. */
async function tell(
  outcomes: AsyncIterable<Outcome>,
  { reporter, progress, seconds }: Session,
  { signal }: Shell,
): Promise<number> {
  const totals = new TotalsCounter();
  try {
    for await (const outcome of outcomes) {
      totals.add(outcome);
      await progress.aside(() => reporter.outcome(outcome));
    }
  } catch (error) {
    // Whatever had not arrived when the time was over does so the next time.
    if (!(error instanceof CancelledError && signal.aborted)) throw error;
    return 0;
  }
  const exit = totals.exit() ?? 0;
  await progress.aside(() => reporter.summary(totals.totals(seconds()), exit));
  return exit;
}

/** Gives what is under way some time once the user wants the program to end. */
class Draining implements Disposable {
  readonly #controller = new AbortController();
  readonly #shell: Shell;
  readonly #stops: (() => void)[] = [];
  readonly #end: PromiseWithResolvers<number> = Promise.withResolvers();

  constructor(shell: Shell) {
    this.#shell = shell;
    if (shell.signal.aborted) this.#begin();
    else shell.signal.addEventListener("abort", this.#begin);
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves, to 0, a moment after the time is over. */
  get over(): Promise<number> {
    return this.#end.promise;
  }

  readonly #begin = (): void => {
    const { every } = this.#shell;
    this.#stops.push(
      every(drainTime, () => this.#controller.abort(new CancelledError())),
      every(drainTime + givingUp, () => this.#end.resolve(0)),
    );
  };

  [Symbol.dispose](): void {
    this.#shell.signal.removeEventListener("abort", this.#begin);
    for (const stop of this.#stops) stop();
  }
}
