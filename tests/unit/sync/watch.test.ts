import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import type { Context, Destination } from "../../../src/adapter.ts";
import { CancelledError, TransientError } from "../../../src/errors.ts";
import { Journals } from "../../../src/sync/journals.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { plan } from "../../../src/sync/plan.ts";
import { watch, type WatchOptions } from "../../../src/sync/watch.ts";
import { fixtures } from "../../adapters/swanlab/fixture_runs.ts";
import { testContext } from "../../contract/context.ts";
import { memoryPlace } from "../../contract/memory_destination.ts";
import { servicePlace } from "../../contract/memory_service.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { silentProgress } from "../../silent_progress.ts";

/** A watch over a directory whose clock only waiting moves, and what it said. */
interface Scene {
  readonly directory: string;
  readonly notices: string[];
  readonly stop: AbortController;
  /** Called before each wait, with the ms since the beginning. */
  onWait: (waited: number) => void;
  watch(to: Destination, more?: Partial<WatchOptions>): AsyncGenerator<Outcome>;
}

const start = 1_900_000_000_000;
const day = 86_400_000;

function inScene(use: (scene: Scene) => Promise<void>): Promise<void> {
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
    const scene: Scene = {
      directory,
      notices,
      stop,
      onWait: () => {},
      watch: (destination, more = {}) =>
        watch(() => plan([directory], [swanlab], context, { cwd: directory }), {
          sources: [swanlab],
          destinations: [destination],
          jobs: 2,
          dryRun: false,
          recheck: false,
          excluded: { console: false, media: false },
          context,
          progress: silentProgress,
          stop: stop.signal,
          idle: 30 * 60_000,
          finishStale: false,
          once: false,
          ...more,
        }),
    };
    await use(scene);
  });
}

/** Puts the run of a fixture into a directory and returns its log. */
function addRun(directory: string, version: string): string {
  const folder = copyInto(directory, join(fixtures, version, "basic", "swanlog"));
  const [name = ""] = readdirSync(folder).filter((entry) => entry.startsWith("run-"));
  const log = readdirSync(join(folder, name)).find((entry) => entry.endsWith(".swanlab"));
  return join(folder, name, log ?? "");
}

test("a run that comes later is found, and ferried once it has ended", () =>
  inScene(async (scene) => {
    const place = servicePlace();
    let added = false;
    scene.onWait = (waited): void => {
      if (waited > day || added) return;
      added = true;
      addRun(scene.directory, "0.9.7");
    };
    for await (const { status, destination } of scene.watch(place.destination)) {
      assert.deepEqual([status, destination], ["done", "service"]);
      scene.stop.abort();
    }
    assert.equal((await place.holdings()).length, 1);
    assert.match(scene.notices.join(), /There is no run in/);
  }));

test("a run whose destination cannot be reached is tried again", () =>
  inScene(async (scene) => {
    addRun(scene.directory, "0.9.7");
    let tries = 0;
    const place = servicePlace((destination) => ({
      ...destination,
      open: (...given) => {
        if (tries++ < 3) return Promise.reject(new TransientError("The line is dead"));
        return destination.open(...given);
      },
    }));
    // Only a run that may still be written is followed.
    const following = scene.watch(place.destination, { idle: 10_000 * day });
    for await (const { status } of following) {
      assert.equal(status, "done");
      scene.stop.abort();
    }
    assert.equal(
      scene.notices.filter((text) => /The line is dead; it is tried/.test(text)).length,
      3,
    );
  }));

test("a run that another process works on is left to it, until it is free", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    const journals = (pid: number): Journals =>
      new Journals({
        directory: join(scene.directory, "state"),
        pid,
        tool: "test",
        breakLock: false,
        now: () => start,
        notice: () => {},
      });
    const other = journals(process.ppid);
    const ref = { source: "swanlab", path: dirname(log), log };
    await using reader = await swanlab.open(ref, testContext());
    const lock = await other.lock(reader.info, "service");
    scene.onWait = (): void => {
      if (scene.notices.length === 2) void lock?.[Symbol.asyncDispose]();
    };
    const place = servicePlace();
    const own = { idle: 10_000 * day, journals: journals(process.pid) };
    for await (const { status } of scene.watch(place.destination, own)) {
      assert.equal(status, "done");
      scene.stop.abort();
    }
    assert.equal(scene.notices.length, 2);
    for (const notice of scene.notices) assert.match(notice, /it is tried again in a minute/);
  }));

test("a run that does not go on is stale and stays as it is, until that is asked for", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    truncateSync(log, Math.floor(readFileSync(log).length * 0.7));
    const place = servicePlace();
    const outcomes = await Array.fromAsync(scene.watch(place.destination, { once: true }));
    assert.deepEqual(outcomes, []);
    assert.match(scene.notices.join(), /is stale: it did not end/);
    const [held = ""] = await place.holdings();
    assert.match(held, /history/);
    const finishing = scene.watch(place.destination, { once: true, finishStale: true });
    const [outcome] = await Array.fromAsync(finishing);
    assert.ok(outcome?.tail !== undefined && outcome.error === undefined);
  }));

test("a run that a process has open is not stale, however long it is silent", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    truncateSync(log, Math.floor(readFileSync(log).length * 0.7));
    const writer = openSync(log, "a");
    let isOpen = true;
    scene.onWait = (waited): void => {
      if (isOpen && waited >= day) {
        assert.deepEqual(scene.notices, []);
        closeSync(writer);
        isOpen = false;
      }
      if (scene.notices.length > 0) scene.stop.abort();
    };
    assert.deepEqual(await Array.fromAsync(scene.watch(servicePlace().destination)), []);
    assert.match(scene.notices.join(), /is stale/);
  }));

test("an archive gets a run when it has ended, and nothing before", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    const bytes = readFileSync(log);
    truncateSync(log, Math.floor(bytes.length * 0.7));
    const place = memoryPlace();
    assert.deepEqual(
      await Array.fromAsync(scene.watch(place.destination, { once: true })),
      [],
    );
    assert.deepEqual(await place.holdings(), []);
    addRun(scene.directory, "0.9.7");
    const [outcome] = await Array.fromAsync(scene.watch(place.destination, { once: true }));
    assert.equal(outcome?.status, "done");
  }));
