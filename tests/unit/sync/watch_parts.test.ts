import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import type { Destination } from "../../../src/adapter.ts";
import { CancelledError, TransientError } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { testContext } from "../../contract/context.ts";
import { servicePlace } from "../../contract/memory_service.ts";
import { inScratch } from "../../contract/scratch.ts";
import { startedAt } from "../../generate/generated_run.ts";
import { writePart } from "../../generate/run_part.ts";
import { day, watchRuns } from "./watch_scene.ts";

/** Writes the nth part of a run, of which each goes on behind the one before. */
function addPart(directory: string, number: number, ended: boolean): string {
  return writePart({
    tracker: "swanlab",
    directory,
    id: "parts",
    startedAt: startedAt + number * 3_600_000,
    steps: [number * 10, number * 10 + 9],
    loss: number,
    ended,
  });
}

/** Watches a directory for some years, or until a run is done, whose clock only waiting moves. */
async function watchFor(
  directory: string,
  destination: Destination,
  onWait: (waited: number) => void = () => {},
): Promise<readonly Outcome[]> {
  let waited = 0;
  const stop = new AbortController();
  const context = testContext({
    now: () => startedAt + 40 * 365 * day + waited,
    async wait(ms): Promise<void> {
      waited += ms;
      onWait(waited);
      if (waited > 300 * day) stop.abort();
      await new Promise((resolve) => setImmediate(resolve));
      if (stop.signal.aborted) throw new CancelledError();
    },
  });
  const outcomes: Outcome[] = [];
  const following = watchRuns(directory, destination, {
    context,
    stop: stop.signal,
    idle: 100_000 * day,
  });
  for await (const outcome of following) {
    outcomes.push(outcome);
    stop.abort();
  }
  return outcomes;
}

test("a run that was killed is left as soon as it goes on in another directory", () =>
  inScratch(async (scratch) => {
    const runs = join(scratch, "runs");
    mkdirSync(runs);
    addPart(runs, 0, false);
    let second: string | undefined;
    const place = servicePlace();
    const outcomes = await watchFor(runs, place.destination, (waited) => {
      if (waited > 3_600_000) second ??= addPart(runs, 1, true);
    });
    assert.deepEqual(outcomes.map(({ path, status }) => [path, status]), [[second, "done"]]);
  }));

test("a part of a run waits until the one before it has arrived", () =>
  inScratch(async (scratch) => {
    const runs = join(scratch, "runs");
    mkdirSync(runs);
    addPart(runs, 0, false);
    addPart(runs, 1, true);
    let tries = 0;
    const opened: string[] = [];
    const place = servicePlace((destination) => ({
      ...destination,
      open: (run, ...given) => {
        opened.push(basename(run.info.path));
        if (tries++ < 2) return Promise.reject(new TransientError("The line is dead"));
        return destination.open(run, ...given);
      },
    }));
    const [outcome] = await watchFor(runs, place.destination);
    assert.equal(outcome?.status, "done");
    const [first, second] = ["run-20231114_221320-parts", "run-20231114_231320-parts"];
    assert.deepEqual(opened.slice(0, 4), [first, first, first, second]);
  }));

test("a part whose turn has not come when the watch ends is left alone", () =>
  inScratch(async (scratch) => {
    const runs = join(scratch, "runs");
    mkdirSync(runs);
    addPart(runs, 0, true);
    const second = addPart(runs, 1, true);
    const opened: string[] = [];
    const place = servicePlace((destination) => ({
      ...destination,
      open: (run) => {
        opened.push(run.info.path);
        return Promise.reject(new TransientError("The line is dead"));
      },
    }));
    assert.deepEqual(await watchFor(runs, place.destination), []);
    assert.equal(opened.includes(second), false);
  }));
