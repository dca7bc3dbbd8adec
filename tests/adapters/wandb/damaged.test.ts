/** Damaged logs: what expected.json calls intact is there, and nothing else. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { HistoryEvent } from "../../../src/model/event.ts";
import { SourceError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { fixtureRuns, ofType, readJson, readRun, root } from "./fixture_runs.ts";
import { expectedRow } from "./record_values.ts";

interface Damaged {
  readonly name: string;
  readonly path: string;
  readonly expected: JsonObject;
}

function damagedIn(folder: string): readonly Damaged[] {
  return readdirSync(join(root, folder)).sort().map((name) => {
    const path = join(root, folder, name);
    return { name: `${folder}/${name}`, path, expected: readJson(join(path, "expected.json")) };
  });
}

/** The records of the log that a variant was made from. */
function original({ expected }: Damaged): readonly JsonObject[] {
  const source = dirname(join(root, expected["source"] as string));
  const run = fixtureRuns.find(({ path }) => path === source);
  assert.ok(run, String(expected["source"]));
  return run.records;
}

/** Rows as the values that they have, by step. */
function rowsOf(rows: readonly HistoryEvent[]): ReadonlyMap<unknown, unknown> {
  return new Map(rows.map(({ step, values }) => [step, new Map(Object.entries(values))]));
}

const refused = new Map([
  ["damaged/header_version_9", /format version is 9, and the newest known is 1/],
  ["damaged/garbage", /is not a W&B log/],
]);

/** Variants without a single record, and how the reader says so. */
const empty = new Map([
  ["damaged/empty", { offset: 0, bytes: 0, reason: "the log is empty" }],
  ["damaged/header_only", { offset: 7, bytes: 0, reason: "the log holds no record" }],
  ["damaged/truncated_in_file_header", {
    offset: 0,
    bytes: 4,
    reason: "the log ends inside its header",
  }],
]);

const whole = ["header_version_1"].map((name) => `damaged/${name}`);

for (const variant of [...damagedIn("damaged"), ...damagedIn("damaged-shifted")]) {
  const { name, path, expected } = variant;
  const refusal = refused.get(name);
  if (refusal !== undefined) {
    test(`${name} is refused by name`, async () => {
      await assert.rejects(readRun(path), (error) => {
        assert.ok(error instanceof SourceError);
        assert.match(error.message, refusal);
        return true;
      });
    });
    continue;
  }
  test(`${name}: every intact record is recovered, and nothing invented`, async () => {
    const { events, tail } = await readRun(path);
    const intact = new Set((expected["intact"] as readonly number[]).map((number) => number - 1));
    const records = original(variant).filter((_, index) => intact.has(index));
    const rows = records.flatMap((record) =>
      record["history"] === undefined ? [] : [expectedRow(record["history"] as JsonObject)]
    );
    const found = ofType(events, "history");
    assert.equal(found.length, rows.length);
    assert.deepEqual(rowsOf(found), new Map(rows.map(({ step, values }) => [step, values])));
    const systems = records.filter((record) => record["stats"] !== undefined);
    assert.equal(ofType(events, "system").length, systems.length);
    const lines = records.filter((record) => record["output_raw"] !== undefined);
    assert.equal(ofType(events, "console").length, lines.length);
    const isEnded = records.some((record) => record["exit"] !== undefined);
    assert.equal(ofType(events, "finish").length, isEnded ? 1 : 0);
    assert.deepEqual(ofType(events, "unknown"), []);
    assert.equal(events[0]?.type === "run" && events[0].id, "fxlong1");
    const isTold = tail !== undefined || ofType(events, "gap").length > 0;
    assert.equal(isTold, !whole.includes(name), "damage is told");
    if (empty.has(name)) assert.deepEqual(tail, empty.get(name));
  });
}

test("every damaged variant loses what it is meant to lose, or nothing", () => {
  const lost = damagedIn("damaged").filter(({ expected }) =>
    (expected["lost"] as readonly number[]).length > 0
  );
  assert.ok(lost.length > 10);
});

for (const { name, path, expected } of damagedIn("edges")) {
  test(`${name}: records at the end of a block are whole`, async () => {
    const { events, tail } = await readRun(path);
    assert.equal(tail, undefined);
    assert.deepEqual(ofType(events, "gap"), []);
    assert.deepEqual(ofType(events, "unknown"), []);
    assert.equal(events[0]?.type, "run");
    assert.equal(events.at(-1)?.type, "finish");
    const rows = ofType(events, "history").map(({ step, values }) => [step, values]);
    assert.deepEqual(rows, [[0, { loss: 0.5 }], [1, { loss: 1.5 }]]);
    const texts = ofType(events, "console").map(({ text }) => text.length);
    assert.deepEqual(texts, [Number(expected["filler_length"]) - 1], "its newline is no text");
  });
}
