import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import type { RunReader, Source } from "../../../src/adapter.ts";
import { parseFilters } from "../../../src/sync/select.ts";
import { memoryPlace } from "../../contract/memory_destination.ts";
import { servicePlace } from "../../contract/memory_service.ts";
import { addRun, cut, day, inScene } from "./watch_scene.ts";

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
