import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runsBelow } from "../swanlab/fixture_runs.ts";
import { recognised } from "../wandb/fixture_runs.ts";
import { textAt } from "../../interop/json_path.ts";
import { fixture, inScene, key, type Scene, sentItems, type ServedHost, user } from "./scene.ts";

/** A run of a fixture whose log can be written again, piece by piece. */
interface GrowingRun {
  /** Where a command looks for it. */
  readonly folder: string;
  /** Writes the log up to this part of it, from 0 to 1. */
  grow(part: number): void;
}

/** Tools of one tracker: where its runs lie, and the project of its fixtures. */
interface Tracker {
  readonly folder: string;
  readonly parts: readonly string[];
  readonly logOf: (path: string) => Promise<string | undefined>;
}

const trackers: { readonly [name: string]: Tracker } = {
  SwanLab: {
    folder: "swanlog",
    parts: ["swanlab", "0.9.7", "basic"],
    logOf: async (path) => (await runsBelow(path))[0]?.log,
  },
  "W&B": {
    folder: "wandb",
    parts: ["wandb", "0.31.0", "basic"],
    logOf: async (path) => (await recognised(path))[0]?.log,
  },
};

async function growingRun({ work }: Scene, tracker: Tracker): Promise<GrowingRun> {
  const folder = join(work, tracker.folder);
  mkdirSync(folder);
  cpSync(fixture(...tracker.parts), join(folder, "case"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  const log = await tracker.logOf(folder);
  assert.ok(log !== undefined);
  const bytes = readFileSync(log);
  truncateSync(log, 0);
  let end = 0;
  return {
    folder,
    grow(part): void {
      const next = Math.floor(part * bytes.length);
      appendFileSync(log, bytes.subarray(end, next));
      end = next;
    },
  };
}

/** Resolves when something is so; a host is asked for it again and again. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail("it never came to be");
}

/** The state of the only run; undefined while there is none. */
async function stateOf(host: ServedHost): Promise<string | undefined> {
  const [id] = await host.ids("p");
  if (id === undefined) return undefined;
  return textAt(await host.api.ask(`/project/${user}/p/runs/${id}`), "state");
}

const place = ["-k", key, "-p", "p"] as const;

for (const [name, tracker] of Object.entries(trackers)) {
  test(`a ${name} run shows while it is written, and is complete once it has ended`, async () => {
    await inScene(async (scene) => {
      const [live, after] = [await scene.serve("live"), await scene.serve("after")];
      const run = await growingRun(scene, tracker);
      const terminal = new AbortController();
      const watching = scene.run(
        ["watch", run.folder, "-h", live.url, ...place, "--idle", "999d", "--json"],
        { signal: terminal.signal },
      );
      for (const part of [0.5, 0.8]) {
        const before = sentItems(live.proxy.passed, "scalar").length;
        run.grow(part);
        await until(async () =>
          await stateOf(live) === "RUNNING" &&
          sentItems(live.proxy.passed, "scalar").length > before
        );
      }
      run.grow(1);
      await until(async () => await stateOf(live) === "FINISHED");
      terminal.abort();
      const { code, runs } = await watching;
      assert.equal(code, 0);
      assert.deepEqual(runs.map(({ status, assurance }) => [status, assurance]), [
        ["done", "counted"],
      ]);
      await scene.run(["sync", run.folder, "-h", after.url, ...place, "--json"]);
      assert.deepEqual(await live.facts("p"), await after.facts("p"));
    });
  });

  test(`a ${name} run that no longer grows is called stale, and is not called broken off`, async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("host");
      const run = await growingRun(scene, tracker);
      run.grow(0.8);
      const words = ["watch", run.folder, "-h", host.url, ...place, "--once"];
      const told = await scene.run(words);
      assert.equal(told.code, 0);
      assert.match(told.stdout, /^stale .*\n[^]*--finish-stale completes such runs/m);
      assert.equal(await stateOf(host), "RUNNING");
      assert.ok(sentItems(told.passed, "scalar").length > 0);
      await scene.run([...words, "--finish-stale"]);
      assert.equal(await stateOf(host), "CRASHED");
    });
  });
}
