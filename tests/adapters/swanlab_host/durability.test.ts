import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { inScratch } from "../../contract/scratch.ts";
import { Client, TestRun, timeOf, withHostIn } from "./test_host.ts";

/** Runs a host in a process of its own, and kills it when `use` is done. */
async function withKilledHost<Result>(
  folder: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const script = join(import.meta.dirname ?? "", "sending_host.ts");
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(child.stdout, "data");
    return await use(await Client.login(String(line).trim()));
  } finally {
    child.kill("SIGKILL");
    if (child.exitCode === null) await once(child, "close");
  }
}

/** The same run, at a host that was started again. */
function again(client: Client, { path, project, id }: TestRun): TestRun {
  return new TestRun(client, path, project, id);
}

test("everything acknowledged is there after the host was killed", () =>
  inScratch(async (folder) => {
    const acknowledged: number[] = [];
    const run = await withKilledHost(folder, async (client) => {
      const run = await client.begin({ cuid: "kept", description: "words" });
      await client.ask("PUT", `${run.path}/profile`, { config: { a: { value: 1 } } });
      await client.post("/projects/ada/project/series", { series: [{ key: "x", type: "FLOAT" }] });
      await run.put("media/image/a.png", "picture");
      await run.send("media", [{ key: "i", index: 3, data: ["media/image/a.png"] }]);
      await run.send("log", [{ epoch: 1, message: "a line", create_time: timeOf(1) }]);
      // Many at once: whichever was answered before the end must be there.
      const all = Array.from({ length: 200 }, async (_, step) => {
        const { status } = await run.send("scalar", [{ key: "x", index: step, data: step }]);
        if (status === 200) acknowledged.push(step);
      });
      await Promise.race(all);
      for (const one of all) void one.then(() => {}, () => {});
      return run;
    });
    const sure = [...acknowledged];
    await withHostIn(folder, async (client) => {
      const found = again(client, run);
      const { profile, description } = await client.get(run.path);
      assert.equal(description, "words");
      assert.deepEqual(profile.config, { a: { value: 1 } });
      assert.equal((await client.get("/projects/ada/project/series")).length, 1);
      assert.equal((await found.object("media/image/a.png")).text, "picture");
      const { media, log } = await client.get(
        `/house/metrics/summaries/${run.project}/kept?all=True`,
      );
      assert.deepEqual([media, log], [[{ key: "i", step: 3 }], [{ key: "LOG", step: 1 }]]);
      const steps = (await found.csv("x")).trim().split("\n").slice(1)
        .map((row) => Number(row.split(",")[0]));
      assert.ok(sure.length > 0);
      for (const step of sure) assert.ok(steps.includes(step), `step ${step} is gone`);
      await found.scalars("x", [1], 1000);
      assert.match(await found.csv("x"), /\n1000,1,/);
    });
  }));

/** The logs of the only run in a store. */
function logsIn(folder: string): readonly string[] {
  const runs = join(folder, ".open/runs");
  const [run = ""] = readdirSync(runs);
  return readdirSync(join(runs, run)).filter((name) => name.endsWith(".log"))
    .map((name) => join(runs, run, name)).concat(join(folder, ".open/catalog.log"));
}

test("a torn end is passed over, and written over by what comes next", () =>
  inScratch(async (folder) => {
    const run = await withHostIn(folder, async (client) => {
      const run = await client.begin();
      await run.scalars("x", [0, 1]);
      await run.send("log", [{ epoch: 1, message: "first" }]);
      return run;
    });
    const tails = [new Uint8Array(3), new Uint8Array(64), Uint8Array.of(9, 0, 0, 0, 1, 2, 3, 4, 5)];
    for (const [at, tail] of tails.entries()) {
      for (const path of logsIn(folder)) appendFileSync(path, tail);
      await withHostIn(folder, async (client) => {
        const found = again(client, run);
        await found.scalars("x", [at], 10 + at);
        await found.send("log", [{ epoch: 2 + at, message: "more" }]);
      });
    }
    await withHostIn(folder, async (client) => {
      const rows = (await again(client, run).csv("x")).trim().split("\n").slice(1);
      assert.deepEqual(rows.map((row) => row.split(",")[0]), ["0", "1", "10", "11", "12"]);
      const { count } = await client.get(`/house/metrics/log?experimentId=${run.id}`);
      assert.equal(count, 4);
    });
  }));

test("a log that was cut anywhere holds what is whole in it", () =>
  inScratch(async (folder) => {
    const run = await withHostIn(folder, async (client) => {
      const run = await client.begin();
      for (const step of [0, 1, 2, 3]) await run.scalars("x", [step], step);
      return run;
    });
    const path = logsIn(folder).find((name) => name.endsWith("scalars.log")) ?? "";
    const whole = readFileSync(path);
    const frame = whole.length / 4;
    for (const bytes of [whole.length - 1, 3 * frame, 2 * frame + 7, frame + 8, 5, 0]) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      await withHostIn(folder, async (client) => {
        const rows = (await again(client, run).csv("x")).trim().split("\n").slice(1);
        assert.equal(rows.length, Math.floor(bytes / frame), `${bytes} bytes`);
      });
    }
  }));

test("more runs than are kept open at once are all there", () =>
  inScratch(async (folder) => {
    const runs = await withHostIn(folder, async (client) => {
      const ids = Array.from({ length: 50 }, (_, at) => `run-${at}`);
      const runs: TestRun[] = [];
      for (const cuid of ids) runs.push(await client.begin({ cuid }));
      await Promise.all(runs.map((run, at) => run.scalars("x", [at])));
      await Promise.all(runs.map((run, at) => run.scalars("x", [100 + at], 1)));
      return runs;
    });
    await withHostIn(folder, async (client) => {
      for (const [at, run] of runs.entries()) {
        const rows = (await again(client, run).csv("x")).trim().split("\n").slice(1);
        assert.deepEqual(rows.map((row) => Number(row.split(",")[1])), [at, 100 + at]);
      }
    });
  }));
