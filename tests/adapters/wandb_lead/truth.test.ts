import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import { isObject, type Json } from "../../../src/model/json.ts";
import { eventsOf, type FixtureRun, fixtureRuns, readRun, type Truth } from "./fixture_runs.ts";
import { terminalLines } from "./terminal.ts";
import { Approximate, type Expected, leaves, Media, writingOf } from "./truth_values.ts";
import { type Mutable, put, removeAt } from "./value_oracle.ts";

/** Logged while the program was killed: the last rows never reached the disk. */
const isCut = ({ truth }: FixtureRun): boolean => /^(crash|orphan)/.test(truth.case);

/** Every value and media event of a run by step and key. */
function pointsOf(events: readonly RunEvent[]): Map<string, Json | "media"> {
  const points = new Map<string, Json | "media">();
  for (const event of events) {
    if (event.type === "media") points.set(`${event.step} ${event.key}`, "media");
    if (event.type !== "history") continue;
    for (const [key, value] of Object.entries(event.values)) {
      points.set(`${event.step} ${key}`, value);
    }
  }
  return points;
}

/** What the program logged, by step and key. */
function wanted(run: FixtureRun): Map<string, Expected> {
  const writing = writingOf(run);
  const points = new Map<string, Expected>();
  for (const { step, data } of run.truth.rows) {
    for (const [key, logged] of Object.entries(data)) {
      for (const [name, value] of leaves(key, logged, writing)) {
        // A custom chart is kept as the table that it is made of.
        const chart = value instanceof Media &&
          run.truth.media[value.ids[0] ?? ""]?.kind === "custom_chart";
        if (name === "" && writing.nested) continue;
        points.set(`${step} ${chart ? `${name}_table` : name}`, value);
      }
    }
  }
  return points;
}

function assertSame(actual: Json | "media" | undefined, expected: Expected, what: string): void {
  if (expected instanceof Media) assert.equal(actual, "media", what);
  else if (expected instanceof Approximate) assert.ok(expected.fits(actual ?? null), what);
  else assert.deepEqual(actual, sameKind(actual, expected), what);
}

/** Integers up to 2^63 stay integers, 1.0 and 1 are the same number. */
function sameKind(actual: Json | undefined, expected: Json): Json {
  if (typeof actual !== "bigint" || typeof expected !== "number") return expected;
  return BigInt(expected);
}

for (const run of fixtureRuns) {
  const { truth } = run;

  test(`${run.title}: every value that was logged arrives, and no other`, async () => {
    const { events } = await readRun(run.directory);
    const points = pointsOf(events);
    const expected = wanted(run);
    for (const [point, value] of points) {
      const want = expected.get(point);
      assert.ok(want !== undefined, `${point} was never logged`);
      assertSame(value, want, point);
    }
    if (!isCut(run)) {
      const missing = [...expected.keys()].filter((point) => !points.has(point));
      assert.deepEqual(missing, []);
    }
    const rows = eventsOf(events, "history").map(({ step }) => step);
    const steps = truth.rows.map(({ step }: Truth) => step);
    const logged = truth.case === "values" ? rows.filter((step) => step !== emptyStep) : rows;
    assert.deepEqual(logged, steps.slice(0, isCut(run) ? logged.length : undefined));
  });

  test(`${run.title}: every line that was printed arrives`, async () => {
    const { events } = await readRun(run.directory);
    for (const stream of ["stdout", "stderr"] as const) {
      const text = truth.console.filter((each: Truth) => each.stream === stream)
        .map((each: Truth) => each.text).join("");
      const lines = eventsOf(events, "console").filter((event) => event.stream === stream)
        .map((event) => event.text);
      const all = terminalLines(run.label.startsWith("0.12.") ? text.replace(...old) : text);
      const same = truth.case === "failed" && stream === "stderr"
        ? lines.slice(0, all.length)
        : lines;
      assert.deepEqual(same, isCut(run) ? all.slice(0, lines.length) : all);
    }
  });

  test(`${run.title}: identity, config and end are what the program said`, async () => {
    const { events, info } = await readRun(run.directory);
    assert.equal(info.id, truth.run_id);
    assert.equal(info.directory, truth.dir);
    const finish = eventsOf(events, "finish").map(({ exitCode }) => exitCode);
    assert.deepEqual(finish, isCut(run) && finish.length === 0 ? [] : [truth.exit.code]);
    if (run.oracle.wandb_bytes <= 7) return;
    const identity = Object.assign({}, ...eventsOf(events, "run"));
    assert.equal(identity.project, truth.project);
    assert.equal(identity.name ?? null, truth.name);
    assert.equal(identity.group ?? null, truth.group);
    assert.equal(identity.jobType ?? null, truth.job_type);
    assert.equal(identity.description ?? null, truth.notes);
    assert.deepEqual(identity.tags ?? [], truth.tags_final ?? truth.tags);
    assert.equal(identity.host, "fixture-host");
    assert.equal(identity.writer.tracker, "wandb");
    assert.deepEqual(foldConfig(events), expectedConfig(run));
  });

  test(`${run.title}: alerts and definitions of metrics arrive`, async () => {
    const { events } = await readRun(run.directory);
    const alerts = eventsOf(events, "alert").map(({ title, text, level }) => [title, text, level]);
    const said = truth.alerts.map(({ title, text, level }: Truth) => [title, text, level]);
    assert.deepEqual(alerts, said);
    const metrics = eventsOf(events, "metric");
    for (const { name, step_metric, hidden, summary, error } of truth.define_metric) {
      if (error !== undefined) continue;
      const metric = Object.assign({}, ...metrics.filter(({ key }) => key === name));
      assert.equal(metric.key, name);
      assert.equal(metric.stepMetric, step_metric);
      assert.equal(metric.hidden, hidden);
      assert.deepEqual(metric.summary?.toSorted(), summary?.split(",").sort());
    }
  });
}

/** Clients up to 0.12.21 emulate colours, and write the default one in another way. */
const old = ["\x1b[0m", "\x1b[39m"] as const;

for (const run of fixtureRuns.filter(({ truth }) => truth.summary_set.length > 0)) {
  test(`${run.title}: the summary holds what was set by hand`, async () => {
    const { events } = await readRun(run.directory);
    const set = Object.assign({}, ...eventsOf(events, "summary").map((event) => event.set));
    if (isCut(run)) return;
    const removed = run.truth.summary_set.filter((each: Truth) => each.delete)
      .map(({ key }: Truth) => key);
    for (const { key, value } of run.truth.summary_set) {
      if (removed.includes(key) && removalsUnwritten.includes(run.label)) continue;
      if (removed.includes(key)) assert.ok(!Object.hasOwn(set, key), key);
      else if (value?.$media !== undefined) {
        assert.match(set[key].path, /^media\/images\/summary_img/);
      } else assert.deepEqual(set[key], configValue(value), key);
    }
  });
}

/** The first Go clients do not write down what is deleted from the summary. */
const removalsUnwritten: readonly string[] = ["0.15.10-nexus", "0.16.6-core"];

/** log({}) of the case `values`: clients from 0.13 on write a row without values. */
const emptyStep = 1000001;

function foldConfig(events: readonly RunEvent[]): Json {
  const config: Mutable = {};
  for (const { set, remove = [] } of eventsOf(events, "config")) {
    for (const [key, value] of Object.entries(set)) put(config, [key], value);
    for (const path of remove) removeAt(config, path);
  }
  return config;
}

function expectedConfig(run: FixtureRun): Json {
  const config: Mutable = {};
  for (const values of [run.truth.config, ...run.truth.config_updates]) {
    for (const [key, value] of Object.entries(values)) put(config, [key], configValue(value));
  }
  return config;
}

/** The config is written whole by every client; NaN becomes null. */
function configValue(logged: Truth): Json {
  if (Array.isArray(logged)) return logged.map(configValue);
  if (!isObject(logged)) return logged;
  if (logged["$float"] !== undefined) {
    return logged["$float"] === "NaN" ? null : Number(logged["$float"]);
  }
  if (logged["$int"] !== undefined) return BigInt(String(logged["$int"]));
  return Object.fromEntries(Object.entries(logged).map(([key, each]) => [key, configValue(each)]));
}
