import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import type { Context, Destination, RunReader, RunWriter, Source } from "../../../src/adapter.ts";
import { CancelledError, TransientError } from "../../../src/errors.ts";
import { fileError } from "../../../src/files/byte_source.ts";
import { Journals } from "../../../src/sync/journals.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { plan } from "../../../src/sync/plan.ts";
import { parseFilters } from "../../../src/sync/select.ts";
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
          until: "stopped",
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
    const outcomes = await Array.fromAsync(scene.watch(place.destination, { until: "now" }));
    assert.deepEqual(
      outcomes.map(({ status, stale, assurance }) => ({ status, stale, assurance })),
      [{ status: "partial", stale: true, assurance: "accepted" }],
    );
    const [told] = outcomes;
    assert.ok(told !== undefined && told.sent > 0 && told.points > 0 && told.bytes > 0);
    const [held = ""] = await place.holdings();
    assert.match(held, /history/);
    const finishing = scene.watch(place.destination, { until: "now", finishStale: true });
    const [outcome] = await Array.fromAsync(finishing);
    assert.ok(outcome?.tail !== undefined && outcome.error === undefined);
  }));

test("a run that a process has open is not stale, however long it is silent", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    truncateSync(log, Math.floor(readFileSync(log).length * 0.7));
    const file = openSync(log, "a");
    const writer = spawn("sleep", ["1000"], { stdio: [file, "ignore", "ignore"] });
    closeSync(file);
    let isOpen = true;
    scene.onWait = (waited): void => {
      if (!isOpen || waited < day) return;
      writer.kill();
      isOpen = false;
    };
    for await (const { stale } of scene.watch(servicePlace().destination)) {
      assert.deepEqual([stale, isOpen], [true, false]);
      scene.stop.abort();
    }
    assert.equal(isOpen, false);
  }));

test("an archive gets a run when it has ended, and nothing before", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    const bytes = readFileSync(log);
    truncateSync(log, Math.floor(bytes.length * 0.7));
    const place = memoryPlace();
    const [waiting] = await Array.fromAsync(scene.watch(place.destination, { until: "now" }));
    assert.deepEqual([waiting?.stale, waiting?.sent, waiting?.assurance], [true, 0, "none"]);
    assert.deepEqual(await place.holdings(), []);
    addRun(scene.directory, "0.9.7");
    const [outcome] = await Array.fromAsync(scene.watch(place.destination, { until: "now" }));
    assert.equal(outcome?.status, "done");
  }));

/** Takes away the last part of a log as if it had not come yet, and returns what brings it. */
function cut(log: string, share: number): () => void {
  const bytes = readFileSync(log);
  const from = Math.floor(bytes.length * share);
  truncateSync(log, from);
  utimesSync(log, start / 1000, start / 1000);
  return () => appendFileSync(log, bytes.subarray(from));
}

test("runs that are there are followed to their end, and nothing that comes later", () =>
  inScene(async (scene) => {
    addRun(join(scene.directory, "ended"), "0.9.1");
    const finish = cut(addRun(join(scene.directory, "growing"), "0.9.7"), 0.6);
    let isOver = false;
    scene.onWait = (waited): void => {
      if (isOver || waited < 60_000) return;
      isOver = true;
      addRun(join(scene.directory, "later"), "0.10.3");
      finish();
    };
    const place = servicePlace();
    const outcomes = await Array.fromAsync(scene.watch(place.destination, { until: "ended" }));
    assert.deepEqual(outcomes.map(({ status }) => status), ["done", "done"]);
    assert.equal((await place.holdings()).length, 2);
  }));

test("a run that is followed to its end ends as stale when none comes", () =>
  inScene(async (scene) => {
    cut(addRun(scene.directory, "0.9.7"), 0.6);
    const following = scene.watch(servicePlace().destination, { until: "ended", idle: day });
    const outcomes = await Array.fromAsync(following);
    assert.deepEqual(outcomes.map(({ stale }) => stale), [true]);
  }));

test("a run that never said who it is ends as stale too", () =>
  inScene(async (scene) => {
    truncateSync(addRun(scene.directory, "0.9.7"), 0);
    const place = servicePlace();
    const following = scene.watch(place.destination, { until: "ended", idle: day });
    const outcomes = await Array.fromAsync(following);
    assert.deepEqual(outcomes.map(({ stale, assurance }) => [stale, assurance]), [[true, "none"]]);
    assert.deepEqual(await place.holdings(), []);
  }));

test("a run that is not wanted is read once and then left alone, even when it grows", () =>
  inScene(async (scene) => {
    const finish = cut(addRun(scene.directory, "0.9.7"), 0.6);
    let opened = 0;
    scene.onWait = (waited): void => {
      if (waited === 20_000) finish();
      if (waited > 600_000) scene.stop.abort();
    };
    const filter = parseFilters({ include: [], exclude: ["*"] });
    const counted: Source = {
      ...swanlab,
      recognise: (...given) => swanlab.recognise(...given),
      open(...given): Promise<RunReader> {
        opened++;
        return swanlab.open(...given);
      },
    };
    const watching = scene.watch(servicePlace().destination, { filter, sources: [counted] });
    assert.deepEqual(await Array.fromAsync(watching), []);
    assert.equal(opened, 1);
  }));

test("a log that was replaced is read anew", () =>
  inScene(async (scene) => {
    const log = addRun(scene.directory, "0.9.7");
    const whole = readFileSync(log);
    cut(log, 0.6);
    let opened = 0;
    const place = servicePlace((destination) => ({
      ...destination,
      open(...given): Promise<RunWriter> {
        opened++;
        return destination.open(...given);
      },
    }));
    let isReplaced = false;
    scene.onWait = (waited): void => {
      if (isReplaced || waited < 60_000) return;
      isReplaced = true;
      writeFileSync(log, whole.subarray(0, 1000));
    };
    const following = scene.watch(place.destination, { until: "ended", idle: day });
    await Array.fromAsync(following);
    assert.equal(opened, 2);
  }));

test("a run that a file system cannot give for the moment is tried again", () =>
  inScene(async (scene) => {
    addRun(scene.directory, "0.9.7");
    let tries = 0;
    const shaky: Source = {
      ...swanlab,
      recognise: (...given) => swanlab.recognise(...given),
      open(...given): Promise<RunReader> {
        if (tries++ < 2) return Promise.reject(fileError("x", systemError("ESTALE")));
        return swanlab.open(...given);
      },
    };
    const more = { sources: [shaky], idle: 10_000 * day, until: "ended" } as const;
    const outcomes = await Array.fromAsync(scene.watch(servicePlace().destination, more));
    assert.deepEqual(outcomes.map(({ status }) => status), ["done"]);
    assert.equal(scene.notices.filter((text) => /stale; it is tried/.test(text)).length, 2);
  }));

test("a run that is deleted while it is followed has failed, and the others go on", () =>
  inScene(async (scene) => {
    const gone = addRun(join(scene.directory, "gone"), "0.9.1");
    cut(gone, 0.6);
    const finish = cut(addRun(join(scene.directory, "growing"), "0.9.7"), 0.6);
    let isGone = false;
    scene.onWait = (waited): void => {
      if (isGone || waited < 60_000) return;
      isGone = true;
      rmSync(dirname(gone), { recursive: true });
      finish();
    };
    const following = scene.watch(servicePlace().destination, { until: "ended" });
    const outcomes = await Array.fromAsync(following);
    assert.deepEqual(
      new Set(outcomes.map(({ status, error }) => `${status} ${error?.code}`)),
      new Set(["failed source", "done undefined"]),
    );
  }));

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
