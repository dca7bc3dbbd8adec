import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { eventsOf, readRun } from "./fixture_runs.ts";
import { double, exit, field, message, run, whole, writeRun } from "./log_writer.ts";
import { readMade } from "./made_run.ts";

type Bare = Omit<RunEvent, "seq">;

function bare(events: readonly RunEvent[]): readonly Bare[] {
  return events.map(({ seq: _, ...event }) => event);
}

/** What reading exactly these records gives. */
function readExactly(...records: readonly Uint8Array[]): Promise<readonly RunEvent[]> {
  return inScratch(async (directory) => {
    const { events } = await readRun(writeRun(directory, records), testContext());
    return events;
  });
}

test("run: everything that a run record says of the run is passed on", async () => {
  const [event] = bare(
    await readExactly(run(
      "id",
      ...[[2, "team"], [3, "project"], [6, "group"], [7, "train"], [8, "name"], [9, "notes"]]
        .map(([number, text]) => field(Number(number), String(text))),
      field(10, "one"),
      field(10, "two"),
      field(12, "sweep"),
      field(13, "host"),
      field(17, message(whole(1, 1_700_000_000), whole(2, 500_000))),
      whole(18, 1),
      field(19, field(5, "0.12.5")),
      field(23, message(field(1, "parent"), double(2, 12), field(3, "_step"))),
    )),
  );
  assert.deepEqual(event, {
    type: "run",
    id: "id",
    workspace: "team",
    project: "project",
    group: "group",
    jobType: "train",
    name: "name",
    description: "notes",
    tags: ["one", "two"],
    sweep: "sweep",
    host: "host",
    startedAt: 1_700_000_000_000.5,
    resumed: true,
    forkedFrom: { run: "parent", step: 12, metric: "_step" },
    writer: { tracker: "wandb", version: "0.12.5", format: ".wandb v0" },
  });
});

test("run: a record that says the same again is no news, one that says more is", async () => {
  const events = await readExactly(run("id"), run("id"), run("id", field(8, "name")), run("id"));
  const names = eventsOf(events, "run").map(({ name }) => name);
  assert.deepEqual(names, [undefined, "name", undefined]);
});

test("run: the version is the header's, without the commit", async () => {
  const header = field(21, field(1, field(1, "0.28.2+abc")));
  const [event] = eventsOf(await readExactly(header, run("id", field(19, field(5, "1.0")))), "run");
  assert.equal(event?.writer.version, "0.28.2");
});

const ends: readonly (readonly [number, string])[] = [[0, "finished"], [1, "failed"], [
  -1,
  "failed",
], [255, "failed"]];

for (const [code, state] of ends) {
  test(`exit: code ${code} is ${state}`, async () => {
    const events = await readExactly(
      run("id"),
      field(18, whole(1, code)),
      field(20, ""),
      field(22, ""),
    );
    assert.deepEqual(bare(events).at(-1), { type: "finish", state, exitCode: code });
  });
}

test("exit: without its record the run is incomplete; rows behind it are read", async () => {
  assert.deepEqual(eventsOf(await readExactly(run("id")), "finish"), []);
  const events = await readExactly(
    exit,
    run("id"),
    field(10, message(field(1, "late"), field(2, ""), field(3, "INFO"))),
  );
  assert.deepEqual(events.map(({ type }) => type), ["run", "alert", "finish"]);
});

test("metric: everything about a key is passed on", async () => {
  const { events } = await readMade([
    field(
      12,
      message(
        field(1, "a\\.b.c"),
        field(4, "x\\.y"),
        field(6, message(whole(1, 1), whole(2, 1))),
        field(7, message(...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => whole(number, 1)))),
        whole(8, 2),
      ),
    ),
    field(12, message(field(2, "val/*"), whole(8, 1))),
    field(12, field(4, "axis")),
  ]);
  assert.deepEqual(bare(eventsOf(events, "metric")), [
    {
      type: "metric",
      key: "a.b.c",
      stepMetric: "x.y",
      hidden: true,
      summary: ["min", "max", "mean", "best", "last", "none", "copy", "first"],
      goal: "maximize",
    },
    { type: "metric", key: "val/*", goal: "minimize" },
  ]);
});

test("stats: nested samples are joined by dots, and what is no number is told", async () => {
  const stat = (key: string, json: string) => field(3, message(field(1, key), field(16, json)));
  const sample = message(
    field(2, message(whole(1, 5), whole(2, 250_000_000))),
    stat("cpu", "1.5"),
    stat("network", '{"sent":1,"recv":2}'),
    stat("gpu", '"x"'),
    stat("bad", "{"),
  );
  const { events } = await readMade([field(7, sample)]);
  assert.deepEqual(bare(eventsOf(events, "system")), [
    { type: "system", time: 5250, values: { cpu: 1.5, "network.sent": 1, "network.recv": 2 } },
  ]);
  assert.deepEqual(eventsOf(events, "unknown").map(({ record }) => record), [
    "stats value of gpu",
    "stats value of bad",
  ]);
});

const text = (number: number, value: string) => field(number, value);
const pair = (key: string, value: Uint8Array | string) => message(field(1, key), field(2, value));

test("environment: maps, lists and messages have the names of wandb-metadata.json", async () => {
  const { events } = await readMade([field(
    26,
    message(
      text(1, "Linux"),
      field(3, message(whole(1, 1_700_000_000), whole(2, 1_000))),
      ...["--lr", "1"].map((argument) => text(5, argument)),
      field(9, message(text(1, "remote"), text(2, "commit"))),
      text(18, "A100"),
      whole(19, 8),
      field(20, pair("/", message(whole(1, 1n << 40n), whole(2, 7)))),
      field(20, pair("__proto__", message(whole(1, 1), whole(2, 2)))),
      field(22, message(whole(1, 2), whole(2, 4), text(3, "EPYC"))),
      field(
        24,
        message(text(1, "A100"), whole(2, 80), text(5, "uuid"), text(6, "bus"), whole(7, 1)),
      ),
      field(24, message(text(1, "A100"))),
      field(27, pair("job_id", "12")),
      field(27, pair("__proto__", "x")),
      field(30, message(text(1, "cluster"))),
    ),
  )]);
  const [event] = eventsOf(events, "environment");
  const own = (value: unknown) => Object.fromEntries([["__proto__", value]]);
  assert.deepEqual(event?.metadata, {
    os: "Linux",
    startedAt: "2023-11-14T22:13:20.000001Z",
    args: ["--lr", "1"],
    git: { remote: "remote", commit: "commit" },
    gpu: "A100",
    gpu_count: 8,
    disk: { "/": { total: 2 ** 40, used: 7 }, ...own({ total: 1, used: 2 }) },
    cpu: { count: 2, countLogical: 4, model: "EPYC" },
    gpu_nvidia: [
      { name: "A100", memoryTotal: 80, uuid: "uuid", pciBusId: "bus", numaNode: 1 },
      { name: "A100" },
    ],
    slurm: { job_id: "12", ...own("x") },
    coreweave: { clusterName: "cluster" },
  });
});

for (const [version, type] of [["0.16.6", "unknown"], ["0.21.0", "environment"]] as const) {
  test(`environment: its field number is ${type} in ${version}`, async () => {
    const telemetry = field(19, field(5, version));
    const events = await readExactly(run("id", telemetry), field(26, text(1, "Linux")));
    const { type: last, ...rest } = bare(events).at(-1) ?? { type: "" };
    assert.equal(last, type);
    const unknown = { record: 26, bytes: 7 };
    assert.deepEqual(rest, type === "unknown" ? unknown : { metadata: { os: "Linux" } });
  });
}

test("environment: what is repeated is said once", async () => {
  const telemetry = (platform: string) => field(11, message(text(5, "0.31.0"), text(13, platform)));
  const { events } = await readMade([
    telemetry("a"),
    telemetry("a"),
    telemetry("b"),
    telemetry("a"),
  ]);
  assert.deepEqual(eventsOf(events, "environment").map(({ metadata }) => metadata), [
    { cli_version: "0.31.0", platform: "a" },
    { cli_version: "0.31.0", platform: "b" },
  ]);
});

test("artifacts: one that was used is an input, and links and markers are nothing", async () => {
  const { events } = await readMade([
    field(25, message(text(1, "id"), text(2, "dataset"), text(3, "data:v0"))),
    field(24, ""),
    field(23, ""),
  ]);
  assert.deepEqual(bare(eventsOf(events, "artifact")), [{
    type: "artifact",
    direction: "input",
    kind: "dataset",
    name: "data:v0",
    aliases: [],
    metadata: { id: "id" },
    entries: [],
  }]);
  assert.deepEqual(eventsOf(events, "unknown"), []);
});

test("artifacts: a manifest in a file of its own is an entry", async () => {
  const manifest = field(12, text(5, "/staging/manifest.gz"));
  const { events } = await readMade([field(8, message(text(4, "t"), text(5, "n"), manifest))]);
  assert.deepEqual(eventsOf(events, "artifact").map(({ entries }) => entries), [
    [{ path: "manifest", file: { path: "/staging/manifest.gz" } }],
  ]);
});
