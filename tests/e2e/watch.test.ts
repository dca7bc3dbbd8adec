import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runsBelow } from "../adapters/swanlab/fixture_runs.ts";
import { itemsAt, textAt } from "../interop/json_path.ts";
import { HostApi } from "../interop/host_api.ts";
import { runIds } from "../interop/read_facts.ts";
import { copyFixture, finished, fixture, inScratch, run, start } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";

async function ready({ stdout }: ChildProcess): Promise<{ url: string; key: string }> {
  assert.ok(stdout !== null);
  const [text] = await once(stdout, "data");
  const { url, accounts } = JSON.parse(String(text));
  return { url, key: accounts[0].key };
}

/** Asks until the answer is as wanted. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** The keys of which a host has points. */
async function keysOf(api: HostApi, run: string): Promise<readonly unknown[]> {
  const projectId = textAt(await api.ask("/project/local/p"), "cuid");
  const experiments = [{ projectId, experimentId: run, createdAt: 0 }];
  const body = { experiments, limit: 500, cursor: "" };
  return itemsAt(await api.ask("/house/metrics/scalar/keys", body), "keys");
}

test("a run shows while it is written, and SIGTERM lets what was read arrive", () =>
  inScratch(async (directory) => {
    const host = start(["serve", "store", "--port", "0", "--json"], { cwd: directory });
    const { url, key } = await ready(host);
    const api = await HostApi.login(url, key);
    const ids = (): Promise<readonly string[]> => runIds(api, "local", "p");
    const runs = join(directory, "swanlog");
    mkdirSync(runs);
    const words = [
      "watch",
      runs,
      "-h",
      url,
      "-k",
      key,
      "-w",
      "local",
      "-p",
      "p",
      "--idle",
      "9999d",
    ];
    const watching = start(words, { cwd: directory });
    const ended = finished(watching);
    copyFixture(fixture("swanlab", "0.9.7", "basic"), join(runs, "case"));
    const [ref] = await runsBelow(runs);
    const log = ref?.log ?? "";
    const bytes = readFileSync(log);
    truncateSync(log, 0);
    appendFileSync(log, bytes.subarray(0, bytes.length / 2));
    await until(() => ids().then((found) => found.length === 1, () => false));
    const [id = ""] = await ids();
    const state = async (): Promise<string> =>
      textAt(await api.ask(`/project/local/p/runs/${id}`), "state");
    assert.equal(await state(), "RUNNING");
    watching.kill("SIGTERM");
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.equal(await state(), "RUNNING");
    assert.notDeepEqual(await keysOf(api, id), []);
    const { stdout } = await run(["ls", runs, "--json"], { cwd: directory });
    const [listed] = parseLines(stdout, "lsLine");
    const [synced] = listed?.["synced"] as readonly Line[];
    assert.deepEqual([synced?.["state"], synced?.["points"]], ["partly", listed?.["points"]]);
    assert.notEqual(listed?.["points"], 0);

    const again = start(words, { cwd: directory });
    const over = finished(again);
    appendFileSync(log, bytes.subarray(bytes.length / 2));
    await until(async () => await state() === "FINISHED");
    again.kill("SIGTERM");
    const last = await over;
    assert.equal(last.code, 0, last.stderr);
    host.kill("SIGTERM");
    await once(host, "close");
  }));
