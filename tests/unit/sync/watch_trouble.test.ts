import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import type { Account, RunReader, RunWriter, Source } from "../../../src/adapter.ts";
import { DestinationError, TransientError } from "../../../src/errors.ts";
import { fileError } from "../../../src/files/byte_source.ts";
import { Journals } from "../../../src/sync/journals.ts";
import { testContext } from "../../contract/context.ts";
import type { DestinationPlace } from "../../contract/destination_subject.ts";
import { servicePlace } from "../../contract/memory_service.ts";
import { addRun, cut, day, inScene, start } from "./watch_scene.ts";

/** A destination that throws for so many times when a run is to be verified. */
function refusing(times: number, refusal: () => Error): DestinationPlace {
  let left = times;
  return servicePlace((destination) => ({
    ...destination,
    async open(...given): Promise<RunWriter> {
      const writer = await destination.open(...given);
      return {
        remote: writer.remote,
        held: writer.held,
        write: (batch) => writer.write(batch),
        flush: () => writer.flush(),
        expect: (batch) => writer.expect(batch),
        finish: (tally) => writer.finish(tally),
        verify: (tally) => left-- > 0 ? Promise.reject(refusal()) : writer.verify(tally),
        [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
      };
    },
  }));
}

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

test("a run that has ended is tried again until it can be completed", () =>
  inScene(async (scene) => {
    cut(addRun(scene.directory, "0.9.7"), 0.6)();
    const place = refusing(3, () => new TransientError("The line is dead"));
    for await (const { status } of scene.watch(place.destination)) {
      assert.equal(status, "done");
      scene.stop.abort();
    }
    assert.equal(scene.notices.filter((text) => /The line is dead; it is/.test(text)).length, 3);
  }));

test("a run that is refused is tried again later, and told of once", () =>
  inScene(async (scene) => {
    cut(addRun(scene.directory, "0.9.7"), 0.6)();
    const place = refusing(3, () => new DestinationError("The host is full"));
    const told: string[] = [];
    for await (const { status } of scene.watch(place.destination)) {
      told.push(status);
      if (status === "done") scene.stop.abort();
    }
    assert.deepEqual(told, ["failed", "done"]);
  }));

test("a host that cannot be asked who we are is no end of a watch", () =>
  inScene(async (scene) => {
    cut(addRun(scene.directory, "0.9.7"), 0.6)();
    let checks = 0;
    const place = servicePlace((destination) => ({
      ...destination,
      check(context): Promise<Account> {
        if (checks++ < 2) return Promise.reject(new TransientError("The line is dead"));
        return destination.check(context);
      },
    }));
    for await (const { status } of scene.watch(place.destination)) {
      assert.equal(status, "done");
      scene.stop.abort();
    }
    assert.equal(checks, 3);
  }));
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
