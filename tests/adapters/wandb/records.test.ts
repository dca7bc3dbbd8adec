/** Every event of every fixture against what the client's own reader decoded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaItem, RunEvent } from "../../../src/model/event.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import {
  type FixtureRun,
  fixtureRuns,
  folded,
  merge,
  ofType,
  readRun,
  takeOut,
} from "./fixture_runs.ts";
import { assignments, expectedRow, leaves, millis } from "./record_values.ts";

function all(run: FixtureRun, kind: string): readonly JsonObject[] {
  return run.records.filter((record) => Object.hasOwn(record, kind))
    .map((record) => record[kind] as JsonObject);
}

function near(left: number | undefined, right: number | undefined, what: string): void {
  if (left === undefined || right === undefined) return assert.equal(left, right, what);
  assert.ok(Math.abs(left - right) < 0.01, `${what}: ${left} is ${right}`);
}

function checkHistory(run: FixtureRun, events: readonly RunEvent[]): void {
  const rows = ofType(events, "history");
  const records = all(run, "history");
  assert.equal(rows.length, records.length, "one row for each history record");
  for (const [index, record] of records.entries()) {
    const row = rows[index];
    const expected = expectedRow(record);
    assert.ok(row);
    assert.equal(row.step, expected.step, `row ${index}`);
    near(row.time, Number(expected.timestamp) * 1000, `time of row ${index}`);
    assert.deepEqual(new Map(Object.entries(row.values)), expected.values, `row ${index}`);
    const following = events.slice(row.seq + 1, row.seq + 1 + expected.special.size);
    const media = ofType(following, "media");
    assert.deepEqual(media.map(({ key }) => key).sort(), [...expected.special.keys()].sort());
    for (const event of media) {
      assert.equal(event.step, row.step);
      assert.equal(event.time, row.time);
      checkNothingLost(expected.special.get(event.key) ?? new Map(), event.items);
    }
  }
  const total = records.reduce((sum, record) => sum + expectedRow(record).special.size, 0);
  assert.equal(ofType(events, "media").length, total, "no other media");
}

/** Every number and text in a media value is somewhere in its items. */
function checkNothingLost(value: ReadonlyMap<string, Json>, items: readonly MediaItem[]): void {
  const there = new Set(scalars(items as unknown as Json).map((entry) => String(entry)));
  for (const [path, leaf] of value) {
    if (/"_type"\]$|"count"\]$/.test(path)) continue;
    for (const entry of scalars(leaf)) {
      const isThere = there.has(String(entry)) || there.has(`files/${entry}`) ||
        there.has(`files/${String(entry).replace(/\[([[*?])\]/g, "$1")}`) ||
        /-file$/.test(String(entry));
      assert.ok(isThere, `${path}: ${entry} is in ${JSON.stringify(items)}`);
    }
  }
}

function scalars(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(scalars);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(scalars);
  return value === null || value === "" ? [] : [value];
}

function checkSystem(run: FixtureRun, events: readonly RunEvent[]): void {
  const expected = all(run, "stats").map((record) => ({
    time: millis(record["timestamp"]),
    values: new Map(
      leaves(assignments(record, "item")).map(([path, value]) => [path.join("."), value]),
    ),
  }));
  const found = ofType(events, "system");
  assert.equal(found.length, expected.length);
  for (const [index, { time, values }] of expected.entries()) {
    assert.deepEqual(new Map(Object.entries(found[index]?.values ?? {})), values);
    near(found[index]?.time, time, "time of a sample");
  }
}

function checkMetrics(run: FixtureRun, events: readonly RunEvent[]): void {
  const expected = all(run, "metric").map((record) => {
    const summary = (record["summary"] ?? {}) as JsonObject;
    const options = (record["options"] ?? {}) as JsonObject;
    return {
      key: record["name"] ?? record["glob_name"],
      stepMetric: record["step_metric"],
      hidden: options["hidden"],
      summary: Object.keys(summary).length > 0 ? Object.keys(summary).sort() : undefined,
      goal: (record["goal"] as string | undefined)?.replace("GOAL_", "").toLowerCase(),
    };
  });
  const found = ofType(events, "metric").filter(({ kind }) => kind !== "chart")
    .map(({ key, stepMetric, hidden, summary, goal }) => ({
      key,
      stepMetric,
      hidden,
      summary: summary?.toSorted(),
      goal,
    }));
  assert.deepEqual(found, expected);
}

/** Configuration as the program had it: what is set at a path replaces what was there. */
function checkConfig(run: FixtureRun, events: readonly RunEvent[]): void {
  const state: { [key: string]: Json } = {};
  const charts = new Set<string>();
  for (const record of run.records) {
    const config = (record["config"] ?? (record["run"] as JsonObject | undefined)?.["config"] ??
      {}) as JsonObject;
    for (const [path, value] of assignments(config, "update")) {
      const set = path.reduceRight((inner: Json, name) => ({ [name]: inner }), value);
      takeOut(state, path);
      merge(state, set as JsonObject);
    }
    for (const [path] of assignments(config, "remove")) takeOut(state, path);
    const internal = (state["_wandb"] ?? {}) as JsonObject;
    for (const key of Object.keys((internal["visualize"] ?? {}) as JsonObject)) charts.add(key);
  }
  const { _wandb, ...own } = state;
  assert.deepEqual(plain(folded(events, "config")), plain(own));
  const found = ofType(events, "metric").filter(({ kind }) => kind === "chart");
  assert.deepEqual(found.map(({ key }) => key), [...charts]);
  const [environment] = ofType(events, "environment");
  const kept = environment?.metadata?.["_wandb"];
  assert.deepEqual(plain(kept ?? {}), plain(_wandb ?? {}), "what the client keeps for itself");
}

/** The same value with ordinary prototypes. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function checkSummary(run: FixtureRun, events: readonly RunEvent[]): void {
  const state: { [key: string]: Json } = {};
  for (const record of all(run, "summary")) {
    for (const [path, value] of assignments(record, "update")) {
      merge(
        state,
        path.reduceRight((inner: Json, name) => ({ [name]: inner }), value) as JsonObject,
      );
    }
    for (const [path] of assignments(record, "remove")) takeOut(state, path);
  }
  const { _wandb: _, ...own } = state;
  assert.deepEqual(plain(folded(events, "summary")), plain(own));
}

function checkAlerts(run: FixtureRun, events: readonly RunEvent[]): void {
  const found = ofType(events, "alert").map(({ title, text, level }) => ({ title, text, level }));
  const expected = all(run, "alert").map(({ title, text, level }) => ({ title, text, level }));
  assert.deepEqual(found, expected);
}

function checkArtifacts(run: FixtureRun, events: readonly RunEvent[]): void {
  const expected = all(run, "artifact").map((record) => ({
    kind: record["type"],
    name: record["name"],
    aliases: record["aliases"] ?? [],
    description: record["description"],
    digest: record["digest"],
    entries: (((record["manifest"] ?? {}) as JsonObject)["contents"] as JsonObject[]).map((
      entry,
    ) => ({
      path: entry["path"],
      digest: entry["digest"],
      ref: entry["ref"],
      bytes: entry["size"] === undefined ? undefined : Number(entry["size"]),
      local: entry["local_path"],
    })),
  }));
  const found = ofType(events, "artifact").map((event) => ({
    kind: event.kind,
    name: event.name,
    aliases: event.aliases,
    description: event.description,
    digest: (event.metadata["_wandb"] as JsonObject)["digest"],
    entries: event.entries.map(({ path, digest, ref, bytes, file }) => ({
      path,
      digest,
      ref,
      bytes,
      local: file?.path,
    })),
  }));
  assert.deepEqual(found, expected);
}

function checkEnvironment(run: FixtureRun, events: readonly RunEvent[]): void {
  const metadata = ofType(events, "environment")[0]?.metadata;
  const expected: { [key: string]: Json } = {};
  for (const record of all(run, "environment")) merge(expected, record);
  const pairs = [
    ...["os", "python", "program", "root", "host", "username", "executable"].map((
      name,
    ) => [name, name]),
    ["code_path", "codePath"],
    ["started_at", "startedAt"],
    ["writer_id", "writerId"],
  ] as const;
  for (const [name = "", own = ""] of pairs) {
    if (Object.hasOwn(expected, name)) assert.deepEqual(metadata?.[own], expected[name], name);
  }
  const disk = Object.entries((expected["disk"] ?? {}) as JsonObject);
  for (const [name, usage] of disk) {
    const { total, used } = usage as JsonObject;
    const found = ((metadata?.["disk"] ?? {}) as JsonObject)[name];
    assert.deepEqual(found, { total: Number(total), used: Number(used) });
  }
  const telemetry = all(run, "telemetry").at(-1);
  const told = metadata?.["telemetry"] as JsonObject | undefined;
  assert.equal(told?.["cli_version"], telemetry?.["cli_version"] ?? told?.["cli_version"]);
  assert.equal(told?.["python_version"], telemetry?.["python_version"] ?? told?.["python_version"]);
  const features = Object.keys((telemetry?.["feature"] ?? {}) as JsonObject);
  if (features.length > 0) assert.ok((told?.["feature"] as Json[]).length >= features.length);
}

/** Every recorded file has an event, unless it is one that other events stand for. */
function checkFiles(run: FixtureRun, events: readonly RunEvent[]): void {
  const generated =
    /^(?:wandb-metadata\.json|wandb-summary\.json|config\.yaml|requirements\.txt|conda-environment\.yaml|output\.log)$/;
  const named = new Set(events.flatMap((event) => {
    if (event.type === "file") return [event.file.path];
    return event.type === "media" ? event.items.map(({ file }) => file?.path) : [];
  }));
  for (const record of all(run, "files")) {
    for (const item of (record["files"] ?? []) as readonly JsonObject[]) {
      const path = item["path"] as string;
      if (generated.test(path)) continue;
      const plainPath = path.replace(/\[([[*?])\]/g, "$1");
      assert.ok(named.has(`files/${path}`) || named.has(`files/${plainPath}`), path);
    }
  }
  const paths = events.flatMap((event) => event.type === "file" ? [event.file.path] : []);
  assert.equal(new Set(paths).size, paths.length, "each file once");
}

function checkEnd(run: FixtureRun, events: readonly RunEvent[]): void {
  const exit = all(run, "exit").at(-1);
  const finish = events.find(({ type }) => type === "finish");
  if (exit === undefined) return assert.equal(finish, undefined);
  const code = Number(exit["exit_code"] ?? 0);
  assert.equal(finish?.seq, events.length - 1, "it comes last");
  assert.ok(finish?.type === "finish");
  assert.equal(finish.exitCode, code);
  assert.equal(finish.state, code === 0 ? "finished" : "failed");
}

function checkIdentity(run: FixtureRun, events: readonly RunEvent[]): void {
  const [first] = events;
  assert.ok(first?.type === "run");
  const expected: { [key: string]: Json } = {};
  for (const record of all(run, "run")) Object.assign(expected, record);
  const last = ofType(events, "run").at(-1);
  assert.ok(last);
  if (Object.keys(expected).length === 0) {
    return assert.equal(first.id, run.truth["run_id"], "the id is in the file's name");
  }
  assert.equal(first.id, expected["run_id"]);
  assert.equal(last.project, expected["project"]);
  assert.equal(last.name, expected["display_name"]);
  assert.equal(last.description, expected["notes"]);
  assert.equal(last.group, expected["run_group"]);
  assert.equal(last.jobType, expected["job_type"]);
  assert.equal(last.host, expected["host"]);
  assert.deepEqual(last.tags, expected["tags"]);
  near(last.startedAt, millis(expected["start_time"]), "start");
}

const checks = {
  "who the run is": checkIdentity,
  history: checkHistory,
  "system samples": checkSystem,
  "metric definitions": checkMetrics,
  configuration: checkConfig,
  summary: checkSummary,
  alerts: checkAlerts,
  artifacts: checkArtifacts,
  environment: checkEnvironment,
  files: checkFiles,
  end: checkEnd,
} as const;

for (const run of fixtureRuns) {
  test(`${run.name}: every record is in the events as the client's reader has it`, async () => {
    const { events } = await readRun(run.path);
    assert.deepEqual(ofType(events, "gap"), []);
    assert.deepEqual(ofType(events, "unknown"), []);
    for (const check of Object.values(checks)) {
      check(run, events);
    }
  });
}

test("there are fixtures of every era", () => {
  assert.ok(fixtureRuns.length > 70);
});
