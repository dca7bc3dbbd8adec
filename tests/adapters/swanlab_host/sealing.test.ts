import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { archive as source } from "../../../adapters/sources/archive/source.ts";
import { verifyTar } from "../../../src/archive/verify.ts";
import { sealRunsIn } from "../../../src/cli/seal_run.ts";
import { DestinationError } from "../../../src/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { fakeShell } from "../../unit/cli/fake_shell.ts";
import { type Client, TestRun, timeOf, withHostIn } from "./test_host.ts";

const start = Date.UTC(2026, 0, 1) + 250.125;

/** Runs a host that seals into its own folder. */
async function withSealingHost<Result>(
  folder: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  return await withHostIn(folder, use, { seal: sealRunsIn(fakeShell(), folder) });
}

async function finish(run: TestRun, state = "FINISHED"): Promise<void> {
  const body = { state, finishedAt: "2026-01-02T00:00:00.000Z" };
  assert.equal((await run.client.ask("PUT", `${run.path}/state`, body)).status, 200);
}

async function eventsOf(path: string): Promise<readonly RunEvent[]> {
  await using reader = await source.open({ source: "archive", path }, testContext());
  return (await Array.fromAsync(reader.events())).flat();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Sends one of everything. */
async function sendAll(client: Client): Promise<TestRun> {
  const run = await client.begin({
    cuid: "whole",
    name: "the name",
    description: "words",
    createdAt: "2026-01-01T00:00:00.0Z",
    labels: [{ name: "tag" }],
    job: "train",
    cluster: "group",
    colors: ["#111111", "#222222"],
  });
  await client.ask("PUT", `${run.path}/profile`, {
    config: { b: { value: [1, null], desc: "", sort: 1 }, a: { value: "x", desc: "", sort: 0 } },
    metadata: { python: "3.12" },
    requirements: "a==1\n",
  });
  await client.post("/projects/ada/project/series", {
    series: [
      { key: "loss", type: "FLOAT", xAxis: "epoch", sectionName: "train", hidden: true },
      { key: "other run's", type: "FLOAT" },
      { key: "__swanlab__.cpu", type: "SYSTEM" },
      { key: "img", type: "IMAGE" },
    ],
  });
  await run.scalars("loss", [1, "NaN"]);
  await run.scalars("acc", [0.5], 1);
  await run.scalars("acc", [0.5], 1);
  await run.send("scalar", [{ key: "late", index: 1, data: 9, create_time: timeOf(2) }]);
  await run.scalars("__swanlab__.cpu", [7]);
  await run.put("media/image/a.png", "picture");
  await run.send("media", [{
    key: "img",
    index: 1,
    data: ["media/image/a.png", "a text"],
    more: [{ caption: "seen" }],
    create_time: timeOf(1),
  }]);
  await run.send("log", [
    { epoch: 1, level: "INFO", message: "out", create_time: timeOf(0) },
    { epoch: 2, level: "WARN", message: "err", create_time: timeOf(1) },
  ]);
  const { urls } = await client.post(`/experiment/${run.id}/files/prepare`, {
    files: [{ path: "src/a.py", size: 4, md5: "", mimeType: "text/plain" }],
  });
  await client.send("PUT", urls[0], "code");
  await client.post(`/experiment/${run.id}/files/complete`, {
    files: [{ path: "src/a.py", state: "UPLOADED" }],
  });
  return run;
}

const identity: Omit<RunEvent & { type: "run" }, "seq"> = {
  type: "run",
  id: "whole",
  name: "the name",
  project: "project",
  workspace: "ada",
  description: "words",
  tags: ["tag"],
  group: "group",
  jobType: "train",
  startedAt: Date.UTC(2026, 0, 1),
  color: ["#111111", "#222222"],
  writer: { tracker: "swanlab", format: "host" },
};

test("a run that has ended becomes a tar of the archive, with everything in it", () =>
  inScratch(async (folder) => {
    await withSealingHost(folder, async (client) => finish(await sendAll(client)));
    const path = join(folder, "project/whole.tar");
    assert.deepEqual((await verifyTar(path)).differences, []);
    const events = (await eventsOf(path)).map(({ seq: _, ...event }) => event);
    const picture = { path: "media/image/a.png", bytes: 7, sha256: sha256("picture") };
    const code = { path: "files/src/a.py", bytes: 4, sha256: sha256("code") };
    assert.deepEqual(events, [
      identity,
      { type: "config", set: { a: "x", b: [1, null] } },
      { type: "environment", metadata: { python: "3.12" }, requirements: "a==1\n" },
      {
        type: "metric",
        key: "loss",
        kind: "scalar",
        section: "train",
        stepMetric: "epoch",
        hidden: true,
      },
      { type: "metric", key: "__swanlab__.cpu", kind: "scalar", system: true },
      { type: "metric", key: "img", kind: "image" },
      { type: "history", step: 0, time: start, values: { loss: 1 } },
      { type: "history", step: 1, time: start + 1000, values: { loss: NaN, acc: 0.5 } },
      { type: "history", step: 1, time: start + 2000, values: { late: 9 } },
      { type: "system", step: 0, time: start, values: { "__swanlab__.cpu": 7 } },
      {
        type: "media",
        time: start + 1000,
        step: 1,
        key: "img",
        kind: "image",
        items: [{ file: picture, caption: "seen" }, { text: "a text" }],
      },
      { type: "console", time: start, stream: "stdout", text: "out", line: 1 },
      { type: "console", time: start + 1000, stream: "stderr", text: "err", line: 2 },
      { type: "file", name: "src/a.py", file: code, purpose: "saved" },
      { type: "finish", state: "finished", time: Date.UTC(2026, 0, 2) },
    ]);
  }));

test("a run that goes on after its end takes the place of its own tar", () =>
  inScratch(async (folder) => {
    await withSealingHost(folder, async (client) => {
      const run = await client.begin({ cuid: "grows" });
      await run.scalars("x", [0, 1]);
      await finish(run, "CRASHED");
    });
    const path = join(folder, "project/grows.tar");
    const steps = async (): Promise<readonly unknown[]> =>
      (await eventsOf(path)).filter(({ type }) => type === "history")
        .map((event) => "step" in event && event.step);
    assert.deepEqual(await steps(), [0, 1]);
    await withSealingHost(folder, async (client) => {
      const run = await client.begin({ cuid: "grows" });
      assert.match(await run.csv("x"), /\n1,1,/);
      await run.scalars("x", [2], 2);
      await finish(run);
      await run.scalars("x", [3], 3);
    });
    assert.deepEqual(await steps(), [0, 1, 2, 3]);
    assert.equal((await eventsOf(path)).at(-1)?.type, "finish");
  }));

test("what is running, deleted or unchanged is left alone", () =>
  inScratch(async (folder) => {
    await withSealingHost(folder, async (client) => {
      await client.begin({ cuid: "running" });
      await client.begin({ cuid: "deleted" }).then(({ path }) => client.ask("DELETE", path));
      await finish(await client.begin({ cuid: "done" }));
    });
    assert.ok(!existsSync(join(folder, "project/running.tar")));
    assert.ok(!existsSync(join(folder, "project/deleted.tar")));
    const path = join(folder, "project/done.tar");
    const { ino } = statSync(path);
    await withSealingHost(folder, () => Promise.resolve());
    assert.equal(statSync(path).ino, ino);
  }));

test("a run that ended while nobody sealed is sealed at the next start", () =>
  inScratch(async (folder) => {
    await withHostIn(folder, async (client) => finish(await client.begin({ cuid: "late" })));
    assert.ok(!existsSync(join(folder, "project/late.tar")));
    await withSealingHost(folder, () => Promise.resolve());
    assert.ok(existsSync(join(folder, "project/late.tar")));
  }));

test("what came to a sealed run while nobody sealed is sealed at the next start", () =>
  inScratch(async (folder) => {
    await withSealingHost(folder, async (client) => finish(await client.begin({ cuid: "more" })));
    await withHostIn(folder, async (client) => {
      const [{ projectId }] = await client.post("/project/ada/project/runs/shows", {});
      const run = new TestRun(client, "/project/ada/project/runs/more", projectId, "more");
      await run.scalars("x", [1]);
    });
    await withSealingHost(folder, () => Promise.resolve());
    const types = (await eventsOf(join(folder, "project/more.tar"))).map(({ type }) => type);
    assert.deepEqual(types, ["run", "history", "finish"]);
  }));

test("a run that cannot be sealed is reported, kept, and tried again", () =>
  inScratch(async (folder) => {
    const reported: unknown[] = [];
    const failing = new DestinationError("No room", { hint: "Make some." });
    await withHostIn(folder, async (client) => {
      const run = await client.begin({ cuid: "kept" });
      await run.scalars("x", [1]);
      await finish(run);
    }, { seal: () => Promise.reject(failing), report: (error) => void reported.push(error) });
    assert.deepEqual(reported, [failing]);
    await withSealingHost(folder, () => Promise.resolve());
    assert.ok(existsSync(join(folder, "project/kept.tar")));
  }));
