/** Every fixture against what its program says that it logged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { type FixtureRun, fixtureRuns, folded, ofType, readRun } from "./fixture_runs.ts";
import { decoded, expectedLeaves, isPython, mediaIds } from "./truth_values.ts";

/** Cases whose last rows never reached the disk. */
const cut = /\/(?:crash|crash_early|crash_flush|orphan)$/;

function list(run: FixtureRun, name: string): readonly JsonObject[] {
  return (run.truth[name] ?? []) as readonly JsonObject[];
}

function hasMedia(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  return mediaIds(value).length > 0 || Object.values(value).some(hasMedia);
}

/** The leaves that a row must have, its media left out. */
function rowLeaves(run: FixtureRun, data: JsonObject): readonly (readonly [string, Json])[] {
  return Object.entries(data).flatMap(([key, value]) => {
    if (!hasMedia(value)) return expectedLeaves(run, key, value);
    if (mediaIds(value).length > 0) return [];
    return Object.entries(value as JsonObject).filter(([, inner]) => !hasMedia(inner))
      .flatMap(([name, inner]) => expectedLeaves(run, `${key}.${name}`, inner));
  });
}

function checkRows(run: FixtureRun, events: readonly RunEvent[]): void {
  const rows = ofType(events, "history");
  const wanted = list(run, "rows");
  const byStep = new Map(rows.map((row) => [row.step, row]));
  assert.equal(byStep.size, rows.length, "every row has a step of its own");
  const there = cut.test(run.name)
    ? wanted.filter(({ step }) => byStep.has(step as number))
    : wanted;
  for (const { step, data } of there) {
    const leaves = rowLeaves(run, data as JsonObject);
    const row = byStep.get(step as number);
    if (row === undefined) {
      assert.deepEqual(data, {}, `row ${step} is there`);
      continue;
    }
    assert.deepEqual(new Map(Object.entries(row.values)), new Map(leaves), `row ${step}`);
  }
  const steps = new Set(wanted.map(({ step }) => step));
  // log({}) makes a row of its own from 0.13 on, which truth.json does not count.
  const extra = rows.filter((row) => !steps.has(row.step as number));
  for (const row of extra) assert.deepEqual(row.values, {}, `row ${row.step} was not logged`);
  assert.ok(extra.length <= 1);
  if (cut.test(run.name)) {
    assert.deepEqual(
      rows.map(({ step }) => step),
      wanted.slice(0, rows.length).map(({ step }) => step),
    );
  }
}

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function checkConfig(run: FixtureRun, events: readonly RunEvent[]): void {
  if (ofType(events, "config").length === 0 && run.records.length === 0) return;
  const expected = { ...decoded(run.truth["config"] ?? {}) as JsonObject };
  for (const update of list(run, "config_updates")) Object.assign(expected, decoded(update));
  const found = plain(folded(events, "config"));
  assert.deepEqual(withoutNaN(found), withoutNaN(plain(expected)));
}

/** NaN in a configuration is null in the log. */
function withoutNaN(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNaN);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, withoutNaN(inner)]),
    );
  }
  return Number.isNaN(value) ? null : value;
}

function checkSummary(run: FixtureRun, events: readonly RunEvent[]): void {
  if (cut.test(run.name)) return;
  const found = plain(folded(events, "summary")) as JsonObject;
  const expected = new Map<string, Json | undefined>();
  for (const { key, value, delete: gone } of list(run, "summary_set")) {
    expected.set(key as string, gone === true ? undefined : value);
  }
  for (const [key, value] of expected) {
    // These two early Go clients do not write what is taken out of the summary.
    const forgets = /^0\.(?:15\.10-nexus|16\.6-core)$/.test(run.label);
    if (value === undefined) {
      assert.ok(forgets || !Object.hasOwn(found, key), `${key} was taken out`);
    } else if (hasMedia(value)) assert.equal(typeof (found[key] as JsonObject)["path"], "string");
    else assert.deepEqual(withoutNaN(found[key] ?? null), withoutNaN(decoded(value)), key);
  }
}

function checkIdentity(run: FixtureRun, events: readonly RunEvent[]): void {
  const last = ofType(events, "run").at(-1);
  assert.ok(last);
  assert.equal(last.id, run.truth["run_id"]);
  if (run.records.length === 0) return;
  const expected = run.truth;
  assert.equal(last.name, expected["name"] ?? undefined);
  assert.equal(last.project, expected["project"]);
  assert.equal(last.group, expected["group"] ?? undefined);
  assert.equal(last.jobType, expected["job_type"] ?? undefined);
  assert.equal(last.description, expected["notes"] ?? undefined);
  assert.deepEqual(last.tags ?? [], expected["tags_final"] ?? expected["tags"]);
  assert.equal(last.writer.tracker, "wandb");
  assert.equal(last.writer.version, expected["wandb_version"]);
  assert.equal(last.writer.format, "leveldb v0");
}

/** What a terminal shows: a carriage return goes back to the beginning of the line. */
function shown(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) =>
    line.split("\r").reduce((before, part) => part + before.slice(part.length))
  );
}

function checkConsole(run: FixtureRun, events: readonly RunEvent[]): void {
  const found = ofType(events, "console");
  const numbers = found.map(({ line }) => line).sort((left, right) => left - right);
  assert.deepEqual(numbers, found.map((_, index) => index + 1), "lines are numbered from 1");
  if (cut.test(run.name)) return;
  for (const stream of ["stdout", "stderr"] as const) {
    const written = list(run, "console").filter((piece) => piece["stream"] === stream)
      .map((piece) => piece["text"]).join("");
    // The emulating clients end a colour with "default colour" instead of "reset".
    const isEmulated = run.records.some((record) => Object.hasOwn(record, "output"));
    const expected = shown(isEmulated ? written.replace("\x1b[0m", "\x1b[39m") : written);
    const lines = found.filter((line) => line.stream === stream).map(({ text }) => text);
    const own = run.name.endsWith("/failed") ? lines.slice(0, expected.length) : lines;
    assert.deepEqual(own, expected, stream);
    if (own !== lines && stream === "stderr") assert.match(lines.join("\n"), /synthetic failure/);
  }
  for (const line of found) assert.equal(typeof line.time, "number");
}

function checkAlerts(run: FixtureRun, events: readonly RunEvent[]): void {
  const found = ofType(events, "alert").map(({ title, text, level }) => [title, text, level]);
  const expected = list(run, "alerts").map(({ title, text, level }) => [title, text, level]);
  assert.deepEqual(found, expected);
}

function checkEnd(run: FixtureRun, events: readonly RunEvent[]): void {
  const { how, code } = run.truth["exit"] as JsonObject;
  const finish = ofType(events, "finish")[0];
  if (cut.test(run.name)) {
    // A Python client's own process outlives the program and writes the exit record itself.
    if (isPython(run.label) && run.name.endsWith("orphan")) return;
    return assert.equal(finish, undefined, `no end after ${how}`);
  }
  assert.equal(finish?.exitCode, code);
  assert.equal(finish?.state, code === 0 ? "finished" : "failed");
}

const checks = [
  checkIdentity,
  checkRows,
  checkConfig,
  checkSummary,
  checkConsole,
  checkAlerts,
  checkEnd,
] as const;

for (const run of fixtureRuns) {
  test(`${run.name}: everything that the program logged is in the events`, async () => {
    const { events } = await readRun(run.path);
    for (const check of checks) check(run, events);
  });
}
