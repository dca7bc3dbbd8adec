import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runsBelow } from "../adapters/swanlab/fixture_runs.ts";
import { openFaultProxy } from "../faults/fault_proxy.ts";
import { compareFacts } from "../interop/compare_facts.ts";
import { type HostApi, NotThere } from "../interop/host_api.ts";
import { itemsAt, textAt } from "../interop/json_path.ts";
import { readFacts, runIds } from "../interop/read_facts.ts";
import { MortalHost } from "../soak/mortal_host.ts";
import { copyFixture, finished, fixture, inScratch, run, start } from "./binary.ts";

/** A run that is written piece by piece. */
class GrowingRun {
  readonly log: string;
  readonly #bytes: Uint8Array;
  #written = 0;

  private constructor(log: string) {
    this.log = log;
    this.#bytes = readFileSync(log);
  }

  /** Makes one below a folder of which a part is there. */
  static async begin(folder: string, share: number): Promise<GrowingRun> {
    mkdirSync(folder, { recursive: true });
    copyFixture(fixture("swanlab", "0.9.7", "basic"), join(folder, "case"));
    const [ref] = await runsBelow(folder);
    const growing = new GrowingRun(ref?.log ?? "");
    truncateSync(growing.log, 0);
    growing.grow(share);
    return growing;
  }

  /** Writes on until so much of it is there. */
  grow(share: number): void {
    const end = Math.floor(share * this.#bytes.length);
    appendFileSync(this.log, this.#bytes.subarray(this.#written, end));
    this.#written = end;
  }
}

/** Asks until the answer is as wanted. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** The state of the one run of a project; undefined before there is one. */
async function stateOf(api: HostApi, project: string): Promise<string | undefined> {
  try {
    const [id] = await runIds(api, "local", project);
    return id && textAt(await api.ask(`/project/local/${project}/runs/${id}`), "state");
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    return undefined;
  }
}

/** How many keys of the one run of a project have points. */
async function keysOf(api: HostApi, project: string): Promise<number> {
  const [experimentId] = await runIds(api, "local", project);
  const projectId = textAt(await api.ask(`/project/local/${project}`), "cuid");
  const experiments = [{ projectId, experimentId, createdAt: 0 }];
  const body = { experiments, limit: 500, cursor: "" };
  return itemsAt(await api.ask("/house/metrics/scalar/keys", body), "keys").length;
}

/** A watch of `runs` at a host. */
function watching(directory: string, url: string, key: string): ChildProcess {
  const words = ["watch", "runs", "-h", url, "-k", key, "-w", "local", "-p", "p"];
  return start([...words, "--idle", "9999d", "--state", "state"], { cwd: directory });
}

/** What the watch left is what a sync of the same run leaves in another project. */
async function assertAsSynced(directory: string, host: MortalHost, api: HostApi): Promise<void> {
  const words = ["sync", "runs", "-h", host.url, "-k", host.key, "-w", "local", "-p", "q"];
  const { code, stdout, stderr } = await run(words, { cwd: directory });
  assert.equal(code, 0, stdout + stderr);
  const facts = await Promise.all(["p", "q"].map(async (project) => {
    const ids = await runIds(api, "local", project);
    assert.equal(ids.length, 1);
    return await readFacts(api, "local", project, ids[0] ?? "");
  }));
  const [left, right] = facts;
  assert.ok(left !== undefined && right !== undefined);
  const differing = compareFacts(left, right, []).flatMap(({ differences }) => differences);
  assert.deepEqual(differing, []);
}

test("a host that dies while a run is watched, and the loss of the state, cost nothing", () =>
  inScratch(async (directory) => {
    await using host = new MortalHost(join(directory, "store"));
    await host.start();
    const growing = await GrowingRun.begin(join(directory, "runs"), 0.6);
    const child = watching(directory, host.url, host.key);
    const ended = finished(child);
    let api = await host.api();
    await until(async () => await stateOf(api, "p") === "RUNNING" && await keysOf(api, "p") > 0);
    await host.end("SIGKILL");
    growing.grow(0.8);
    await host.start();
    api = await host.api();
    rmSync(join(directory, "state"), { recursive: true });
    growing.grow(1);
    await until(async () => await stateOf(api, "p") === "FINISHED");
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    await assertAsSynced(directory, host, api);
  }));

for (
  const [signals, exit] of [[["SIGTERM"], 0], [["SIGHUP"], 0], [
    ["SIGTERM", "SIGTERM"],
    143,
  ]] as const
) {
  test(`a watch whose host hangs ends with ${exit} after ${signals.join(", ")}`, () =>
    inScratch(async (directory) => {
      await using host = new MortalHost(join(directory, "store"));
      await host.start();
      let hears = (): void => {};
      const hanging = new Promise<void>((resolve) => hears = resolve);
      await using proxy = await openFaultProxy({
        target: host.url,
        fault: "hang",
        at: ({ path }) => {
          const isPoints = path.includes("/house/metrics");
          if (isPoints) hears();
          return isPoints;
        },
        times: Infinity,
      });
      await GrowingRun.begin(join(directory, "runs"), 0.6);
      const child = watching(directory, proxy.url, host.key);
      const ended = finished(child);
      await hanging;
      for (const [at, signal] of signals.entries()) {
        child.kill(signal);
        // It says that it has heard.
        if (at + 1 < signals.length && child.stderr !== null) await once(child.stderr, "data");
      }
      const { code, stderr } = await ended;
      assert.equal(code, exit, stderr);
    }));
}

test("--once ends with 0 for runs that go on or are stale, and as a sync for those that ended", () =>
  inScratch(async (directory) => {
    const archive = join(directory, "archive");
    const growing = await GrowingRun.begin(join(directory, "runs"), 0.6);
    const once = async (): Promise<readonly [number | null, readonly unknown[]]> => {
      const words = ["watch", "runs", "--to", archive, "--once", "--json", "--state", "state"];
      const { code, stdout } = await run(words, { cwd: directory });
      const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
      return [code, lines.filter(({ type }) => type === "run").map(({ status }) => status)];
    };
    assert.deepEqual(await once(), [0, []]);
    utimesSync(growing.log, 1, 1);
    assert.deepEqual(await once(), [0, ["partial"]]);
    growing.grow(1);
    assert.deepEqual(await once(), [0, ["done"]]);
    const nowhere = ["watch", "nowhere", "--to", archive, "--once", "--state", "state"];
    assert.equal((await run(nowhere, { cwd: directory })).code, 10);
  }));
