import assert from "node:assert/strict";
import { appendFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Context } from "../../../src/adapter.ts";
import { CancelledError } from "../../../src/errors.ts";
import { LogGrowth } from "../../../src/sync/growth.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";

const start = 1_700_000_000_000;
const minute = 60_000;

/** A log, a clock that only waiting moves, and what was waited. */
interface Watched {
  readonly log: string;
  readonly growth: LogGrowth;
  readonly waits: readonly number[];
  readonly stop: AbortController;
  /** Called after each wait. */
  onWait: (waited: number) => void;
}

/** A log that was last changed so many ms ago; runs are idle after half an hour. */
function withLog(age: number, use: (watched: Watched) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    const log = join(directory, "run.log");
    writeFileSync(log, "begun");
    utimesSync(log, (start - age) / 1000, (start - age) / 1000);
    const clock = { now: start };
    const stop = new AbortController();
    const waits: number[] = [];
    const context: Context = testContext({
      now: () => clock.now,
      async wait(ms): Promise<void> {
        waits.push(ms);
        clock.now += ms;
        watched.onWait(clock.now - start);
        await Promise.resolve();
        if (stop.signal.aborted) throw new CancelledError();
      },
    });
    const growth = new LogGrowth(log, { context, stop: stop.signal, idle: 30 * minute });
    const watched: Watched = { log, growth, waits, stop, onWait: () => {} };
    assert.equal(await growth.grew(), true, "the first look says yes");
    await use(watched);
  });
}

describe("waiting for a log to grow", () => {
  it("is quiet after a moment without growth, and looks at least every second", () =>
    withLog(0, async (watched) => {
      assert.equal(await watched.growth.next(), "quiet");
      assert.deepEqual(watched.waits, [250]);
      watched.onWait = (waited): void => {
        if (waited >= 4000) appendFileSync(watched.log, "more");
      };
      assert.equal(await watched.growth.next(), "grown");
      assert.ok(watched.waits.every((ms) => ms <= 1000), `${watched.waits}`);
      assert.equal(watched.growth.age, 0);
    }));

  it("looks less often the longer nothing came, and says now and then that it is quiet", () =>
    withLog(0, async ({ growth, waits }) => {
      const found: string[] = [];
      for (let last = ""; last !== "idle"; found.push(last)) last = await growth.next();
      assert.deepEqual(found, ["quiet", "quiet", "quiet", "quiet", "quiet", "quiet", "idle"]);
      assert.ok(Math.max(...waits) > 5000 && Math.max(...waits) <= 30_000, `${waits}`);
      assert.ok(growth.age >= 30 * minute);
    }));

  it("takes a log that was not changed for long for idle at once", () =>
    withLog(45 * minute, async ({ growth, waits }) => {
      assert.equal(await growth.next(), "quiet");
      assert.equal(await growth.next(), "idle");
      assert.deepEqual(waits, []);
    }));

  it("takes a new content of the same size for growth", () =>
    withLog(minute, async ({ log, growth }) => {
      writeFileSync(log, "other");
      assert.equal(await growth.next(), "grown");
    }));

  it("takes a log that shrank for another one, also if it was gone between", () =>
    withLog(minute, async ({ log, growth }) => {
      writeFileSync(log, "new");
      assert.equal(await growth.next(), "replaced");
      rmSync(log);
      assert.equal(await growth.next(), "grown");
      writeFileSync(log, "?");
      assert.equal(await growth.next(), "replaced");
      appendFileSync(log, "!");
      assert.equal(await growth.next(), "grown");
    }));

  it("ends when nobody waits any more, also in the middle of a wait", () =>
    withLog(0, async (watched) => {
      watched.onWait = (): void => watched.stop.abort();
      assert.equal(await watched.growth.next(), "stopped");
      assert.equal(await watched.growth.again(), false);
    }));

  it("sees that a log is gone, and that it is back", () =>
    withLog(0, async ({ log, growth }) => {
      rmSync(log);
      assert.equal(await growth.grew(), true);
      assert.equal(await growth.grew(), false);
      writeFileSync(log, "begun");
      assert.equal(await growth.again(), true);
    }));
});
