import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import { EventBatch } from "../../../adapters/sources/swanlab/event_batch.ts";
import { KeyTable } from "../../../adapters/sources/swanlab/key_table.ts";
import { NumberSet } from "../../../adapters/sources/swanlab/number_set.ts";
import { readScalar } from "../../../adapters/sources/swanlab/protobuf_messages.ts";
import { ScalarRecords } from "../../../adapters/sources/swanlab/scalar_record.ts";
import { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { exactText } from "./differences.ts";
import { type Atom, atomsOf } from "./event_atoms.ts";
import { readOnly } from "./fixture_runs.ts";
import {
  logBytes,
  type Message,
  message,
  record,
  scalar,
  start,
  timestamp,
  writeTree,
} from "./made_logs.ts";
import { scratchDirectories } from "./scratch_directory.ts";

const newDirectory = scratchDirectories();

/** The atoms of a log of these records, but for the first `run` event. */
async function atoms(records: readonly Uint8Array[]): Promise<readonly Atom[]> {
  const directory = newDirectory();
  const log = logBytes(2, [start, ...records]);
  writeTree(directory, { "run-20260101_000000-id1/run-id1.swanlab": log });
  const { events, tail } = await readOnly(directory);
  assert.equal(tail, undefined);
  assert.deepEqual(events.map(({ seq }) => seq), [...events.keys()]);
  return atomsOf(events).slice(1);
}

const at100 = { time: 100_000 };

test("a positive number that comes again is the same record again", async () => {
  const line = record(2, 16, [[1, "line"], [4, 1]]);
  assert.deepEqual(
    await atoms([
      scalar(1, "a", 0, 1),
      line,
      scalar(1, "a", 0, 1),
      line,
      scalar(4, "a", 2, 3),
      scalar(3, "a", 1, 2),
      scalar(3, "a", 1, 2),
    ]),
    [
      { type: "history", ...at100, step: 0, key: "a", value: 1 },
      { type: "console", ...at100, stream: "stdout", text: "line", line: 1 },
      { type: "history", ...at100, step: 2, key: "a", value: 3 },
      { type: "history", ...at100, step: 1, key: "a", value: 2 },
    ],
  );
});

test("negative numbers may repeat, and only what changes is passed on", async () => {
  const renamed = record(-1, 10, [[1, "p"], [4, "renamed"], [10, "id1"]]);
  const config = record(-3, 20, [[1, "config"], [2, "/x/files/config.yaml"], [5, 1]]);
  assert.deepEqual(await atoms([start, config, config, renamed]), [{
    type: "run",
    id: "id1",
    name: "renamed",
    project: "p",
    writer: { tracker: "swanlab", format: "G3 v2" },
  }]);
});

test("points of one step and time are one row, whose keys may be hostile", async () => {
  const directory = newDirectory();
  const keys = ["__proto__", "constructor", "", "a b/ü✓", "﻿bom", "toString"];
  const log = logBytes(2, [start, ...keys.map((key, at) => scalar(at + 1, key, 5, at))]);
  writeTree(directory, { "run-20260101_000000-id1/run-id1.swanlab": log });
  const { events } = await readOnly(directory);
  const [row, ...more] = events.slice(1);
  assert.deepEqual(more, []);
  assert.equal(row?.type, "history");
  assert.deepEqual(Object.entries(row.values), keys.map((key, at) => [key, at]));
  assert.equal(Object.getPrototypeOf(row.values), Object.prototype);
});

test("a row ends where its key comes again, and where something else comes between", async () => {
  const directory = newDirectory();
  const log = logBytes(2, [
    start,
    scalar(1, "a", 1, 1),
    scalar(2, "b", 1, 2),
    scalar(3, "a", 1, 3),
    scalar(4, "__swanlab__.cpu.pct", 1, 4),
    scalar(5, "b", 1, 5),
    record(6, 16, [[1, ""]]),
    scalar(7, "c", 1, 6),
  ]);
  writeTree(directory, { "run-20260101_000000-id1/run-id1.swanlab": log });
  const { events } = await readOnly(directory);
  assert.deepEqual(
    events.slice(1).map((event) =>
      event.type === "history" || event.type === "system" ? [event.type, event.values] : event.type
    ),
    [
      ["history", { a: 1, b: 2 }],
      ["history", { a: 3 }],
      ["system", { "__swanlab__.cpu.pct": 4 }],
      ["history", { b: 5 }],
      "console",
      ["history", { c: 6 }],
    ],
  );
});

test("a record of an unknown kind is named, and one that cannot be decoded is a gap", async () => {
  const broken = Buffer.from([0x08, 0x07, 0x6a, 0x7f, 0x01]);
  const [unknown, empty, noValue, media, gap, ...more] = await atoms([
    record(1, 21, [[1, "new"]]),
    message([[1, 2]]),
    record(3, 13, [[1, "a"], [2, 1]]),
    record(4, 14, [[1, "m"], [3, 77]]),
    broken,
  ]);
  assert.deepEqual(more, []);
  assert.deepEqual(unknown, { type: "unknown", ...at100, record: 21, bytes: 14 });
  assert.deepEqual(empty, { type: "unknown", record: 0, bytes: 2 });
  assert.deepEqual(noValue, { type: "unknown", ...at100, record: "scalar", bytes: 13 });
  assert.deepEqual(media, { type: "unknown", ...at100, record: "media", bytes: 13 });
  assert.equal(gap?.["type"], "gap");
  assert.equal(gap?.["bytes"], 7 + broken.length);
  assert.match(`${gap?.["reason"]}`, /cannot be decoded/);
});

for (const bytes of [[0x09], [0x09, 1, 2], [0x09, 1, 2, 3, 4, 5, 6, 7]]) {
  test(`a double of ${bytes.length - 1} bytes is no number but a gap`, async () => {
    const content: Message = [[1, "a"], [3, 1], [4, timestamp(100)], [5, Uint8Array.from(bytes)]];
    const found = await atoms([record(1, 13, content), scalar(2, "a", 1, 2)]);
    assert.deepEqual(found.map(({ type, value }) => [type, value]), [
      ["gap", undefined],
      ["history", 2],
    ]);
  });
}

test("the last word on how the run ended counts, and comes last", async () => {
  const running = record(-2, 11, [[1, 0]]);
  const aborted = record(-2, 11, [[1, 3], [2, "stopped by hand"], [3, timestamp(200)]]);
  const future = record(-2, 11, [[1, 9]]);
  const [first, second, third] = await atoms([aborted, running, scalar(1, "a", 0, 1), future]);
  assert.equal(first?.["type"], "history");
  assert.deepEqual(second, { type: "unknown", ...at100, record: "finish", bytes: 19 });
  assert.deepEqual(third, {
    type: "finish",
    time: 200_000,
    state: "aborted",
    error: "stopped by hand",
  });
});

test("steps beyond 2^53 and negative ones are exact", async () => {
  const found = await atoms([
    scalar(1, "a", 2n ** 60n, 1),
    scalar(2, "a", -3n, 2),
    scalar(3, "a", 2 ** 40, 3),
    scalar(4, "a", Number.MAX_SAFE_INTEGER, 4),
  ]);
  assert.deepEqual(found.map(({ step }) => step), [2n ** 60n, -3, 2 ** 40, 2 ** 53 - 1]);
});

test("a column of a kind not known yet keeps the number", async () => {
  const [metric] = await atoms([record(1, 12, [[1, 1], [2, 42], [3, "k"], [6, 9], [14, 0]])]);
  assert.deepEqual(metric, {
    type: "metric",
    ...at100,
    key: "k",
    hidden: false,
    chart: { columnType: 42, sectionType: 9 },
  });
});

/** Scalars in the order of fields that clients use, and others. */
const anyScalar = fc.record({
  number: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  key: fc.string({ unit: "grapheme", maxLength: 200 }),
  step: fc.oneof(
    fc.nat({ max: 300 }),
    fc.maxSafeNat(),
    fc.bigInt({ min: -5n, max: 2n ** 63n - 1n }),
  ),
  seconds: fc.nat(),
  nanos: fc.nat({ max: 999_999_999 }),
  value: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity)),
  order: fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }),
  usual: fc.boolean(),
});

test("the hot path takes nothing in that the general decoder reads otherwise", () => {
  let taken = 0;
  fc.assert(
    fc.property(anyScalar, ({ number, key, step, seconds, nanos, value, order, usual }) => {
      const fields = usual ? [1, 2, 3, 4, 5] : order;
      const content = message(
        fields.flatMap((field): Message => {
          if (field === 1) return [[1, key] as const];
          if (field === 2) return BigInt(step) === 0n ? [] : [[2, step] as const];
          if (field === 3) return [[3, 1] as const];
          if (field === 4) return [[4, timestamp(seconds, nanos)] as const];
          return [[5, { message: Object.is(value, 0) ? [] : [[1, [value]]] }] as const];
        }),
      );
      const payload = message([[1, number], [2, timestamp(7)], [13, content]]);
      const batch = new EventBatch();
      if (!new ScalarRecords(new KeyTable(), new NumberSet(), batch).take(payload)) return;
      taken++;
      batch.flush();
      const [event] = batch.take();
      const slow = readScalar(new ProtobufReader(content));
      assert.ok(event?.type === "history");
      const [[name, found] = []] = Object.entries(event.values);
      assert.equal(
        exactText([name, event.step, event.time, found]),
        exactText([slow.key, slow.step, slow.time, slow.value]),
      );
    }),
    { numRuns: 2000 },
  );
  assert.ok(taken > 100, `${taken} of 2000`);
});

test("the hot path leaves every cut of a record to the general decoder", () => {
  const whole = scalar(300, "some/key", 70_000, 0.5);
  for (let end = 0; end < whole.length; end++) {
    const batch = new EventBatch();
    const scalars = new ScalarRecords(new KeyTable(), new NumberSet(), batch);
    assert.equal(scalars.take(whole.subarray(0, end)), false, `cut at ${end}`);
    batch.flush();
    assert.deepEqual(batch.take(), []);
  }
});
