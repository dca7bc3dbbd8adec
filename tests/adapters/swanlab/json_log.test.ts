import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import { EventBatch } from "../../../adapters/sources/swanlab/event_batch.ts";
import { KeyTable } from "../../../adapters/sources/swanlab/key_table.ts";
import { ScalarJson } from "../../../adapters/sources/swanlab/scalar_json.ts";
import { exactText } from "./differences.ts";
import { type Atom, atomsOf } from "./event_atoms.ts";
import { readOnly } from "./fixture_runs.ts";
import { jsonRecord, logBytes, writeTree } from "./made_logs.ts";
import { scratchDirectories } from "./scratch_directory.ts";

const newDirectory = scratchDirectories();
const created = "2025-08-01T00:00:01.500000+00:00";
const at = { time: Date.parse("2025-08-01T00:00:01.5Z") };

const head = [
  jsonRecord("Header", { backup_type: "DEFAULT", create_time: created }),
  jsonRecord("Project", { name: "p", workspace: null, public: null }),
  jsonRecord("Experiment", { id: "id1", name: "e", colors: null, description: null, tags: [] }),
];

function point(key: string, step: number, data: unknown, epoch = 1): Buffer {
  const metric = { index: step, data, create_time: created };
  return jsonRecord("Scalar", { metric, key, step, epoch });
}

function log(message: string, epoch: number, level = "INFO"): Buffer {
  return jsonRecord("Log", { create_time: created, message, epoch, level });
}

/** The atoms of a log of these records, but for the first `run` event and what `files` tells. */
async function atoms(records: readonly Uint8Array[], version?: string): Promise<readonly Atom[]> {
  const directory = newDirectory();
  const metadata = JSON.stringify({ swanlab: { version } });
  writeTree(directory, {
    "run-20250801_000000-id1/backup.swanlab": logBytes(1, [...head, ...records]),
    ...(version === undefined
      ? {}
      : { "run-20250801_000000-id1/files/swanlab-metadata.json": metadata }),
  });
  const { events, tail } = await readOnly(directory);
  assert.equal(tail, undefined);
  return atomsOf(events).slice(1).filter(({ type }) => type !== "environment");
}

function values(found: readonly Atom[]): readonly unknown[] {
  return found.map(({ step, value }) => [step, value]);
}

const twice = [point("dup", 3, 1), point("dup", 3, 2), point("dup", 1, 3), point("dup", 3, 4)];

for (const version of [undefined, "0.6.8", "0.7.11", "0.7.15", "0.7.120", "0.7.20"]) {
  test(`of two points with one step the first counts for ${version ?? "an unknown client"}`, async () => {
    assert.deepEqual(values(await atoms(twice, version)), [[3, 1], [1, 3]]);
  });
}

for (const version of ["0.7.12", "0.7.13", "0.7.14"]) {
  test(`of two points with one step both are passed on for ${version}, so that the last one counts`, async () => {
    assert.deepEqual(values(await atoms(twice, version)), [[3, 1], [3, 2], [1, 3], [3, 4]]);
  });
}

test("what a forked writer wrote again is passed on once", async () => {
  const column = jsonRecord("Column", {
    key: "a",
    kid: "0",
    name: null,
    cls: "CUSTOM",
    column_type: "FLOAT",
    chart_reference: "STEP",
    section_name: null,
    section_type: "PUBLIC",
    error: null,
  });
  const media = jsonRecord("Media", {
    metric: { index: 0, data: ["hello"], create_time: created },
    key: "t",
    kid: 1,
    key_encoded: "t",
    step: 0,
    epoch: 1,
    buffers_name: null,
  });
  const buffer = [column, point("a", 0, 1), log("line", 1), log("other", 2), media];
  const found = await atoms([...buffer, ...head, ...buffer, log("another line with number 2", 2)]);
  assert.deepEqual(found.map(({ type, text }) => text ?? type), [
    "metric",
    "history",
    "line",
    "other",
    "media",
    "another line with number 2",
  ]);
});

test("words and bare tokens that are no numbers are read as what they mean", async () => {
  const bare = (token: string, step: number): Buffer =>
    Buffer.from(point("a", step, 0).toString().replace('"data": 0', `"data": ${token}`));
  const found = await atoms([
    point("a", 0, "NaN"),
    point("a", 1, "INF"),
    bare("NaN", 2),
    bare("Infinity", 3),
    bare("-Infinity", 4),
    bare("-0.0", 5),
    bare("123456789012345678901234567890", 6),
    bare("1e+30", 7),
    bare("true", 8),
    point("a", 9, "some text"),
  ]);
  assert.equal(
    exactText(found.map(({ value }) => value)),
    exactText([
      NaN,
      Infinity,
      NaN,
      Infinity,
      -Infinity,
      -0,
      123456789012345678901234567890n,
      1e30,
      true,
      "some text",
    ]),
  );
});

test("both shapes of a column's error are kept as they are", async () => {
  const column = (key: string, error: unknown): Buffer =>
    jsonRecord("Column", { key, kid: "0", cls: "CUSTOM", column_type: "FLOAT", error });
  const old = { expected: "float", got: "str" };
  const later = { data_class: "str", excepted: "float" };
  const found = await atoms([column("a", old), column("b", later)]);
  assert.deepEqual(found.map(({ error }) => error), [old, later]);
});

test("the error of a failed run is the last ERROR line, wherever it stands", async () => {
  const found = await atoms([
    log("Traceback\n  line 2", 13, "ERROR"),
    log("older", 8),
    log("to stderr", 9, "WARN"),
    jsonRecord("Footer", { success: false, create_time: created }),
  ]);
  assert.deepEqual(found, [
    { type: "console", ...at, stream: "error", text: "Traceback\n  line 2", line: 13 },
    { type: "console", ...at, stream: "stdout", text: "older", line: 8 },
    { type: "console", ...at, stream: "stderr", text: "to stderr", line: 9 },
    { type: "finish", ...at, state: "failed", error: "Traceback\n  line 2" },
  ]);
});

test("a model not known yet is named, and so is a known one that lacks what it needs", async () => {
  const strange = jsonRecord("Brandnew", { x: 1 });
  const keyless = jsonRecord("Scalar", { step: 1 });
  assert.deepEqual(await atoms([strange, keyless]), [
    { type: "unknown", record: "Brandnew", bytes: strange.length },
    { type: "unknown", record: "Scalar", bytes: keyless.length },
  ]);
});

test("JSON that is no record is a gap", async () => {
  const found = await atoms([Buffer.from("{]"), Buffer.from("[1]\n"), point("a", 0, 1)]);
  assert.deepEqual(found.map(({ type, bytes }) => [type, bytes]), [
    ["gap", 9],
    ["gap", 11],
    ["history", undefined],
  ]);
});

test("a media value whose column is lost goes by its file's name", async () => {
  const media = (key: string, data: string[], buffers: string[] | null): Buffer =>
    jsonRecord("Media", {
      metric: { index: 0, data, create_time: created, more: [{ caption: "c" }] },
      key,
      kid: 7,
      step: 0,
      epoch: 1,
      buffers_name: buffers,
    });
  const png = ["image-step0-0123456789abcdef.png"];
  const cloud = ["pointcloud-step0-0123456789abcdef.swanlab.pts.json"];
  const chart = ["echarts-step0-0123456789abcdef.json"];
  const found = await atoms([
    media("i", png, png),
    media("c", cloud, cloud),
    media("e", chart, chart),
    media("t", ["hello"], null),
  ]);
  assert.deepEqual(found.map(({ kind, items }) => [kind, items]), [
    ["image", [{ file: { path: `media/7/${png[0]}` }, caption: "c" }]],
    ["object3d", [{ file: { path: `media/7/${cloud[0]}` }, caption: "c" }]],
    ["echarts", [{ file: { path: `media/7/${chart[0]}` }, caption: "c" }]],
    ["text", [{ text: "hello", caption: "c" }]],
  ]);
});

const anyPoint = fc.record({
  key: fc.string({ unit: "grapheme", maxLength: 40 }),
  step: fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat()),
  epoch: fc.nat(),
  value: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom("NaN", "INF"),
  ),
  time: fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
  micros: fc.nat({ max: 999 }),
});

test("the hot path reads what the general decoder reads", async () => {
  let taken = 0;
  const expected: Atom[] = [];
  const records: Buffer[] = [];
  fc.assert(
    fc.property(anyPoint, ({ key, step, epoch, value, time, micros }) => {
      const fraction = `${time.getUTCMilliseconds()}`.padStart(3, "0") +
        `${micros}`.padStart(3, "0");
      const text = `${time.toISOString().slice(0, 19)}${
        fraction === "000000" ? "" : `.${fraction}`
      }+00:00`;
      const metric = { index: step, data: value, create_time: text };
      const payload = jsonRecord("Scalar", { metric, key, step, epoch });
      const batch = new EventBatch();
      if (!new ScalarJson(new KeyTable(), batch).take(payload)) return;
      taken++;
      batch.flush();
      expected.push(...atomsOf(batch.take()));
      // A blank more, and it is for the general decoder.
      records.push(Buffer.from(payload.toString().replace('{"model', '{ "model')));
    }),
    { numRuns: 500 },
  );
  assert.ok(taken > 100, `${taken} of 500`);
  const directory = newDirectory();
  for (let first = 0; first < records.length; first += 50) {
    const log = logBytes(1, [...head, ...records.slice(first, first + 50)]);
    writeTree(directory, { "run-20250801_000000-id1/backup.swanlab": log });
    writeTree(directory, {
      "run-20250801_000000-id1/files/swanlab-metadata.json": '{"swanlab":{"version":"0.7.13"}}',
    });
    const { events } = await readOnly(directory);
    const found = atomsOf(events).filter(({ type }) => type === "history");
    assert.equal(exactText(found), exactText(expected.slice(first, first + 50)));
  }
});

test("the hot path leaves every cut of a record to the general decoder", () => {
  const whole = point("some/key", 70_000, 0.5).toString().trimEnd();
  for (let end = 0; end < whole.length; end++) {
    const batch = new EventBatch();
    const taken = new ScalarJson(new KeyTable(), batch).take(Buffer.from(whole.slice(0, end)));
    assert.equal(taken, false, `cut at ${end}`);
    batch.flush();
    assert.deepEqual(batch.take(), []);
  }
});
