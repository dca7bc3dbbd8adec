import { appendFileSync, readdirSync, readFileSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import type { Context, Destination } from "../../../src/adapter.ts";
import { CancelledError } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { plan } from "../../../src/sync/plan.ts";
import { watch, type WatchOptions } from "../../../src/sync/watch.ts";
import { fixtures } from "../../adapters/swanlab/fixture_runs.ts";
import { testContext } from "../../contract/context.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { silentProgress } from "../../silent_progress.ts";

/** A watch over a directory whose clock only waiting moves, and what it said. */
export interface WatchScene {
  readonly directory: string;
  readonly notices: string[];
  readonly stop: AbortController;
  /** Called before each wait, with the ms since the beginning. */
  onWait: (waited: number) => void;
  watch(to: Destination, more?: Partial<WatchOptions>): AsyncGenerator<Outcome>;
}

/** Watches a directory as the command does, but for what is said otherwise. */
export function watchRuns(
  directory: string,
  destination: Destination,
  { context, ...more }: Partial<WatchOptions> & Pick<WatchOptions, "context" | "stop">,
): AsyncGenerator<Outcome> {
  return watch(() => plan([directory], [swanlab], context, { cwd: directory }), {
    sources: [swanlab],
    destinations: [destination],
    jobs: 2,
    dryRun: false,
    recheck: false,
    excluded: { console: false, media: false },
    context,
    progress: silentProgress,
    idle: 30 * 60_000,
    finishStale: false,
    until: "stopped",
    ...more,
  });
}

/** When every watch begins, in ms since epoch. */
export const start: number = 1_900_000_000_000;
/** ms. */
export const day: number = 86_400_000;

/** Gives `use` a scene in a scratch directory. */
export function inScene(use: (scene: WatchScene) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    const clock = { now: start };
    const stop = new AbortController();
    const notices: string[] = [];
    const context: Context = testContext({
      now: () => clock.now,
      notice: (text) => void notices.push(text),
      async wait(ms): Promise<void> {
        clock.now += ms;
        scene.onWait(clock.now - start);
        await new Promise((resolve) => setImmediate(resolve));
        if (stop.signal.aborted) throw new CancelledError();
      },
    });
    const scene: WatchScene = {
      directory,
      notices,
      stop,
      onWait: () => {},
      watch: (destination, more = {}) =>
        watchRuns(directory, destination, { context, stop: stop.signal, ...more }),
    };
    await use(scene);
  });
}

/** Puts the run of a fixture into a directory and returns its log. */
export function addRun(directory: string, version: string): string {
  const folder = copyInto(directory, join(fixtures, version, "basic", "swanlog"));
  const [name = ""] = readdirSync(folder).filter((entry) => entry.startsWith("run-"));
  const log = readdirSync(join(folder, name)).find((entry) => entry.endsWith(".swanlab"));
  return join(folder, name, log ?? "");
}

/** Takes away the last part of a log as if it had not come yet, and returns what brings it. */
export function cut(log: string, share: number): () => void {
  const bytes = readFileSync(log);
  const from = Math.floor(bytes.length * share);
  truncateSync(log, from);
  utimesSync(log, start / 1000, start / 1000);
  return () => appendFileSync(log, bytes.subarray(from));
}
