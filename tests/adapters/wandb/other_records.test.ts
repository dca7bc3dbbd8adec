/** The kinds of records that few runs have, made by hand. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { RunEvent } from "../../../src/model/event.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { folded, ofType, onlyOf, readRun } from "./fixture_runs.ts";
import { bytesField, type Fields, item, logOf, message, record, runRecord } from "./made_log.ts";

/** The events of a run with these records. */
function eventsOf(...records: readonly Uint8Array[]): Promise<readonly RunEvent[]> {
  return inScratch(async (directory) => {
    const run = join(directory, "offline-run-20240101_000000-made");
    mkdirSync(run);
    writeFileSync(join(run, "run-made.wandb"), logOf(records));
    return (await readRun(run)).events;
  });
}

const run = runRecord({ id: "made" });

/** A run record of a client, with other fields beside. */
function runBy(client: string, fields: Fields = {}): Buffer {
  return record(17, { 1: "made", 17: { 1: 1_700_000_000 }, 19: { 5: client }, ...fields });
}

test("later run records change who the run is, empty fields do not", async () => {
  const events = await eventsOf(
    runBy("0.31.0", { 8: "first", 10: ["a", "b"], 9: "notes" }),
    runBy("0.31.0", { 8: "second", 10: ["c"] }),
    runBy("0.31.0"),
  );
  const runs = ofType(events, "run");
  assert.deepEqual(runs.map(({ name, tags, description }) => [name, tags, description]), [
    ["first", ["a", "b"], "notes"],
    ["second", ["c"], "notes"],
  ]);
});

test("forks, sweeps, resumed runs and what else a run record says are kept", async () => {
  const value = Buffer.alloc(9);
  value[0] = 0x11;
  value.writeDoubleLE(12, 1);
  const point = Buffer.concat([message({ 1: "parent" }), value, message({ 3: "_step" })]);
  const fields = Buffer.concat([
    message({ 1: "made", 12: "sweep", 13: "machine", 16: "storage", 18: 1, 20: 7 }),
    message({ 21: { 1: "git@host:x.git", 2: "c0ffee" } }),
    bytesField(23, point),
  ]);
  const events = await eventsOf(record(17, fields));
  const identity = onlyOf(events, "run");
  assert.deepEqual(identity.forkedFrom, { run: "parent", step: 12, metric: "_step" });
  assert.deepEqual([identity.sweep, identity.host, identity.resumed], ["sweep", "machine", true]);
  const { metadata } = onlyOf(events, "environment");
  assert.deepEqual(metadata?.["run"], { storage_id: "storage", runtime: 7 });
  assert.deepEqual(metadata?.["git"], { remote: "git@host:x.git", commit: "c0ffee" });
});

test("configuration is replaced where it is set and taken out where it is removed", async () => {
  const events = await eventsOf(
    run,
    record(5, { 1: [item(["a"], '{"x":1,"y":{"z":2}}'), item(["b"], "1")] }),
    record(5, { 1: [item(["a"], '{"y":{"w":3}}')] }),
    record(5, { 1: [item(["a", "y", "v"], "4")], 2: [item(["b"], "")] }),
    record(5, { 1: [item(["a"], '{"x":1}'), item(["a"], '{"y":5}')] }),
    record(5, { 1: [item(["_wandb", "code_path"], '"train.py"')] }),
  );
  assert.deepEqual(folded(events, "config"), { a: { y: 5 } });
  assert.equal(onlyOf(events, "environment").metadata?.["_wandb"] instanceof Object, true);
  assert.ok(ofType(events, "config").every(({ set }) => !Object.hasOwn(set, "_wandb")));
});

test("custom charts are metrics with their chart", async () => {
  const chart = { panel_type: "Vega2", panel_config: { panelDefId: "wandb/line/v0" } };
  const events = await eventsOf(
    run,
    record(5, { 1: item(["_wandb", "visualize", "pr"], JSON.stringify(chart)) }),
    record(5, {
      1: item(["_wandb"], JSON.stringify({ visualize: { pr: chart }, viz: { old: { id: 1 } } })),
    }),
  );
  const found = ofType(events, "metric").map(({ key, kind, chart }) => [key, kind, chart]);
  assert.deepEqual(found, [["pr", "chart", chart], ["old", "chart", { id: 1 }]]);
});

test("summary records are folded into one: later wins, objects join, removals take out", async () => {
  const events = await eventsOf(
    run,
    record(3, {
      1: [item(["loss"], "3"), item(["acc"], '{"max":1,"min":0}'), item(["gone"], "1")],
    }),
    record(3, { 1: [item(["loss"], "2"), item(["acc"], '{"max":2}'), item(["deep", "a"], "1")] }),
    record(3, { 1: [item(["deep"], "5")] }),
    record(3, { 1: [item(["deep", "b"], "6"), item(["_wandb", "runtime"], "9")] }),
    record(3, { 2: [item(["gone"], ""), item(["acc", "min"], "")] }),
    record(3, { 1: [item(["big"], "9007199254740993"), item(["nan"], "NaN"), item(["e"], "{}")] }),
    record(3, { 1: [item(["bad"], "{oops")] }),
  );
  assert.deepEqual(onlyOf(events, "summary").set, {
    loss: 2,
    acc: { max: 2 },
    deep: { b: 6 },
    big: 9007199254740993n,
    nan: NaN,
    e: {},
  });
  assert.deepEqual(ofType(events, "unknown").map(({ record }) => record), ["summary bad"]);
});

test("the exit record counts wherever it stands, and comes last", async () => {
  const events = await eventsOf(
    run,
    record(18, { 1: 3, 2: 60 }),
    record(3, { 1: item(["late"], "1") }),
    record(20, {}),
  );
  const finish = onlyOf(events, "finish");
  assert.equal(finish, events.at(-1));
  assert.deepEqual([finish.state, finish.exitCode, finish.time], ["failed", 3, 1_700_000_060_000]);
  assert.deepEqual(onlyOf(events, "summary").set, { late: 1 });
});

test("a run that was preempted is aborted, unless it ended well", async () => {
  const preempted = await eventsOf(run, record(23, {}), record(18, { 1: 1 }));
  assert.equal(onlyOf(preempted, "finish").state, "aborted");
  assert.equal(onlyOf(preempted, "environment").metadata?.["preempting"], true);
  const well = await eventsOf(run, record(23, {}), record(18, {}));
  assert.equal(onlyOf(well, "finish").state, "finished");
});

test("the exit of a secondary writer ends nothing, and is told", async () => {
  const events = await eventsOf(run, record(18, { 3: 1 }));
  assert.deepEqual(ofType(events, "finish"), []);
  assert.equal(onlyOf(events, "unknown").record, "exit of a secondary writer");
});

test("used and linked artifacts are artifacts, and an empty link is nothing", async () => {
  const events = await eventsOf(
    run,
    record(25, { 1: "QXJ0", 2: "dataset", 3: "mnist:v3" }),
    record(24, { 1: "client", 3: "best", 4: "team", 5: "models", 6: ["prod"] }),
    record(24, {}),
  );
  const [used, linked, ...more] = ofType(events, "artifact");
  assert.deepEqual(more, []);
  assert.deepEqual([used?.direction, used?.kind, used?.name], ["input", "dataset", "mnist:v3"]);
  assert.deepEqual(used?.metadata, { _wandb: { id: "QXJ0" } });
  assert.deepEqual([linked?.kind, linked?.name, linked?.aliases], ["link", "team/models/best", [
    "prod",
  ]]);
});

test("a manifest in a file of its own is read if that is allowed, and named if not", async () => {
  await inScratch(async (directory) => {
    const manifest = join(directory, "1.manifest_contents.jl.gz");
    const lines = [
      { path: "a", digest: "d", size: 3, local_path: join(directory, "a") },
      { path: "b", digest: "e", ref: "s3://bucket/b" },
    ];
    writeFileSync(manifest, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
    writeFileSync(join(directory, "a"), "aaa");
    const folder = join(directory, "offline-run-20240101_000000-made");
    mkdirSync(folder);
    writeFileSync(
      join(folder, "run-made.wandb"),
      logOf([run, record(8, { 4: "t", 5: "n", 12: { 5: manifest } })]),
    );
    const closed = onlyOf((await readRun(folder)).events, "artifact");
    assert.deepEqual(closed.entries, [{ path: "manifest.jsonl.gz", file: { path: manifest } }]);
    const context = testContext({ followOutside: true });
    const open = onlyOf((await readRun(folder, context)).events, "artifact");
    assert.deepEqual(open.entries, [
      { path: "a", digest: "d", bytes: 3, file: { path: join(directory, "a"), bytes: 3 } },
      { path: "b", digest: "e", ref: "s3://bucket/b" },
    ]);
    writeFileSync(manifest, "not gzip");
    const broken = onlyOf((await readRun(folder, context)).events, "artifact");
    assert.deepEqual(broken.entries, closed.entries);
  });
});

test("record 26 is what its client meant by it", async () => {
  const fields = { 1: { 1: ["lr"] }, 2: { 1: ["secret"] } };
  const launch = await eventsOf(runBy("0.16.6"), record(26, fields));
  assert.deepEqual(onlyOf(launch, "environment").metadata?.["launch"], {
    include_paths: [{ path: ["lr"] }],
    exclude_paths: [{ path: ["secret"] }],
  });
  const environment = await eventsOf(
    runBy("0.21.0"),
    record(26, { 1: "Linux", 27: { 1: "job_id", 2: "7" } }),
  );
  const { metadata } = onlyOf(environment, "environment");
  assert.deepEqual([metadata?.["os"], metadata?.["slurm"]], ["Linux", { job_id: "7" }]);
});

test("environment records are merged, and a field that is not known is told", async () => {
  const events = await eventsOf(
    run,
    record(26, { 1: "Linux", 24: { 1: "H100", 2: 80 }, 5: ["--x"] }),
    record(26, { 2: "CPython", 24: { 1: "A100" }, 5: ["--y"], 77: "future" }),
  );
  const { metadata } = onlyOf(events, "environment");
  assert.deepEqual(metadata, {
    os: "Linux",
    python: "CPython",
    gpu_nvidia: [{ name: "H100", memoryTotal: 80 }, { name: "A100" }],
    args: ["--x", "--y"],
  });
  assert.deepEqual(ofType(events, "unknown").map(({ record }) => record), ["26.77"]);
});

test("TensorBoard folders and telemetry are part of the environment", async () => {
  const events = await eventsOf(
    runBy("0.31.0"),
    record(9, { 1: "logs/tb", 2: 1 }),
    record(9, { 1: "logs/tb", 2: 1 }),
    record(11, { 3: { 4: 1, 7: 1 }, 4: "3.11.7", 13: "linux" }),
    record(11, { 3: { 9: 1, 4: 1 } }),
  );
  const { metadata } = onlyOf(events, "environment");
  assert.deepEqual(metadata?.["tensorboard"], [{ log_dir: "logs/tb", save: 1 }]);
  assert.deepEqual(metadata?.["telemetry"], {
    cli_version: "0.31.0",
    feature: [4, 7, 9],
    python_version: "3.11.7",
    platform: "linux",
  });
});

test("system samples of old clients are joined by dots, and what is no number is told", async () => {
  const stat = (key: string, json: string): Fields => ({ 1: key, 16: json });
  const events = await eventsOf(
    run,
    record(7, {
      2: { 1: 1_700_000_001, 2: 500_000_000 },
      3: [stat("network", '{"sent":1,"recv":2}'), stat("cpu", "NaN"), stat("gpu", '"none"')],
    }),
  );
  const sample = onlyOf(events, "system");
  assert.equal(sample.time, 1_700_000_001_500);
  assert.deepEqual(sample.values, { "network.sent": 1, "network.recv": 2, cpu: NaN });
  assert.equal(onlyOf(events, "unknown").record, "stats gpu");
});

test("definitions of metrics keep goals, patterns and unescaped names", async () => {
  const events = await eventsOf(
    run,
    record(12, { 1: "a\\.b.c", 4: "x\\.y", 6: { 1: 1, 2: 1 }, 7: { 1: 1, 8: 1 }, 8: 2 }),
    record(12, { 2: "val/*", 9: { 1: 1 }, 10: 1 }),
    record(12, { 4: "lost" }),
  );
  const [exact, glob, ...more] = ofType(events, "metric").map(({ seq: _, type: __, ...rest }) =>
    rest
  );
  assert.deepEqual(more, []);
  assert.deepEqual(exact, {
    key: "a.b.c",
    stepMetric: "x.y",
    hidden: true,
    summary: ["min", "first"],
    goal: "maximize",
    chart: { step_sync: true },
  });
  assert.deepEqual(glob, { key: "val/*", chart: { overwrite: true, expanded_from_glob: true } });
  assert.equal(onlyOf(events, "unknown").record, "metric without a name");
});

test("lines of loggers are console lines", async () => {
  const events = await eventsOf(run, record(27, { 1: "one\ntwo\n" }));
  assert.deepEqual(ofType(events, "console").map(({ stream, text }) => [stream, text]), [
    ["stdout", "one"],
    ["stdout", "two"],
  ]);
});

test("records of a later client are told, those that carry nothing are not", async () => {
  const events = await eventsOf(
    message({ 1: 1, 21: { 1: { 1: "9.0.0+abc" } }, 200: { 1: "made" } }),
    run,
    message({ 1: 2, 99: { 1: "future" } }),
    message({ 1: 3, 98: 5 }),
    message({ 1: 4, 16: { 5: 1 }, 100: { 1: "request" } }),
    message({ 1: 5, 20: {} }),
    message({ 1: 6, 22: {} }),
  );
  const told = ofType(events, "unknown").map(({ record, bytes }) => [record, bytes]);
  assert.deepEqual(told, [[99, 8], [98, 1]]);
  assert.equal(onlyOf(events, "run").writer.version, "9.0.0");
});

test("a record that does not decode is a gap, and reading goes on", async () => {
  const events = await eventsOf(run, Buffer.from([0x12, 0x7f, 0x01]), record(10, { 1: "after" }));
  const gap = onlyOf(events, "gap");
  assert.equal(gap.bytes, 10);
  assert.match(gap.reason, /cannot be decoded/);
  assert.equal(onlyOf(events, "alert").title, "after");
});

test("a record of several megabytes is read whole", async () => {
  const text = "x".repeat(3_000_000);
  const events = await eventsOf(
    run,
    record(2, { 1: item(["long"], JSON.stringify(text)) }),
    record(3, { 1: item(["long"], JSON.stringify(text)) }),
  );
  assert.equal(onlyOf(events, "history").values["long"], text);
  assert.equal(onlyOf(events, "summary").set["long"], text);
});
