import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../e2e/binary.ts";
import { measure, type Measured } from "./measure.ts";
import type { NoopRuns } from "./noop_runs.ts";

/** Some turns of one sync of all runs. */
export interface NoopCost {
  /** The medians of seconds and of seconds of all processors. */
  readonly seconds: number;
  readonly cpu: number;
  /** The most memory of any turn, in bytes. */
  readonly peak: number;
  /** How many runs were sent in each turn; the others were skipped. */
  readonly sent: number;
  /** The most requests of any turn; undefined where there is nobody to ask. */
  readonly requests: number | undefined;
}

/** The first sync of all runs, and then those that have nothing, or next to nothing, to do. */
export interface NoopCosts {
  readonly first: NoopCost;
  readonly nothing: NoopCost;
  readonly oneChanged: NoopCost;
}

/** Where runs go, and who counts. */
export interface NoopTarget {
  /** Existing directory for journals and what a home holds. */
  readonly directory: string;
  /** Arguments that say where runs go. */
  readonly words: readonly string[];
  /** Requests so far; left out where there is nobody to ask. */
  readonly requests?: () => number;
}

const turns = 3;

/**
 * Syncs all runs once and then as often as it takes; `changing` is the first of the runs to change.
 * @throws {Error} when another number of runs is sent than have changed.
 */
export async function measureNoop(
  runs: NoopRuns,
  target: NoopTarget,
  changing: number,
): Promise<NoopCosts> {
  const first = await costOf(runs, target, { times: 1, sent: runs.count });
  const nothing = await costOf(runs, target, { times: turns, sent: 0 });
  const change = (turn: number): void => runs.lengthen(changing + turn);
  const oneChanged = await costOf(runs, target, { times: turns, sent: 1, change });
  return { first, nothing, oneChanged };
}

async function costOf(
  runs: NoopRuns,
  { directory, words, requests }: NoopTarget,
  { times, sent, change }: {
    readonly times: number;
    readonly sent: number;
    readonly change?: (turn: number) => void;
  },
): Promise<NoopCost> {
  const home = join(directory, "home");
  mkdirSync(home, { recursive: true });
  const state = join(directory, "state");
  const command = ["env", `HOME=${home}`, binary, "sync", runs.place, ...words]
    .concat(["--state", state, "--json"]);
  const measured: Measured[] = [];
  const asked: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    change?.(turn);
    const before = requests?.() ?? 0;
    const one = await measure(command);
    expectSent(one, sent, runs.count);
    measured.push(one);
    if (requests !== undefined) asked.push(requests() - before);
  }
  return {
    seconds: median(measured.map(({ seconds }) => seconds)),
    cpu: median(measured.map(({ cpu }) => cpu)),
    peak: Math.max(...measured.map(({ peak }) => peak)),
    sent,
    requests: requests === undefined ? undefined : Math.max(...asked),
  };
}

function expectSent({ output }: Measured, sent: number, count: number): void {
  const summary = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
  if (summary.done === sent && summary.skipped === count - sent) return;
  throw new Error(`${sent} of ${count} runs should have been sent: ${JSON.stringify(summary)}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
