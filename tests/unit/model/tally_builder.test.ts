import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HistoryEvent, RunEvent } from "../../../src/model/event.ts";
import type { Json } from "../../../src/model/json.ts";
import type { Tally } from "../../../src/model/tally.ts";
import { TallyBuilder } from "../../../src/model/tally_builder.ts";

function tally(events: readonly RunEvent[]): Tally {
  const builder = new TallyBuilder();
  for (const event of events) builder.add(event);
  return builder.result();
}

function row(seq: number, values: HistoryEvent["values"]): HistoryEvent {
  return { type: "history", seq, step: seq, time: 1000 + seq, values };
}

test("a metric's points, steps and last value are counted by step, not by arrival", () => {
  const { metrics, events } = tally([
    row(5, { loss: 0.5 }),
    row(2, { loss: 0.2, note: "early" }),
    row(9, { loss: Infinity }),
  ]);
  assert.deepEqual({ ...metrics["loss"], digest: "" }, {
    points: 3,
    firstStep: 2,
    lastStep: 9,
    last: Infinity,
    digest: "",
  });
  assert.equal(metrics["note"]?.points, 1);
  assert.deepEqual(events, { history: 3 });
});

test("steps beyond 2^53 compare exactly", () => {
  const huge = 2n ** 60n;
  const { metrics } = tally([
    { type: "history", seq: 0, step: 7, values: { x: 1 } },
    { type: "history", seq: 1, step: huge + 1n, values: { x: 2 } },
    { type: "history", seq: 2, step: huge, values: { x: 3 } },
  ]);
  assert.equal(metrics["x"]?.lastStep, huge + 1n);
  assert.equal(metrics["x"]?.last, 2);
});

test("hostile keys are counted like any other", () => {
  const { metrics } = tally([
    row(0, JSON.parse('{"__proto__": 1, "constructor": 2, "": 3}')),
  ]);
  assert.deepEqual(Object.keys(metrics).sort(), [
    "",
    "__proto__",
    "constructor",
  ]);
});

test("files are kept by path", () => {
  const builder = new TallyBuilder();
  builder.file("files/a", { bytes: 1, sha256: "00" });
  assert.deepEqual(builder.result().files, {
    "files/a": { bytes: 1, sha256: "00" },
  });
});

const first = row(0, { loss: 1, accuracy: 0.5 });
const second = row(1, { loss: 2, accuracy: 0.6 });
const changes: readonly [what: string, events: readonly RunEvent[]][] = [
  ["a missing event", [first]],
  ["a doubled event", [first, second, second]],
  ["two rows swapped", [second, first]],
  ["one value altered", [
    first,
    row(1, { loss: 2, accuracy: 0.6000000000000001 }),
  ]],
  ["two values swapped", [first, row(1, { loss: 0.6, accuracy: 2 })]],
  ["a key renamed", [first, row(1, { Loss: 2, accuracy: 0.6 })]],
  ["a number as text", [first, row(1, { loss: "2", accuracy: 0.6 })]],
  ["another time", [first, { ...second, time: 1002 }]],
  ["no time", [first, {
    type: "history",
    seq: 1,
    step: 1,
    values: second.values,
  }]],
  ["another step", [first, { ...second, step: 2 }]],
  ["a step as bigint", [first, { ...second, step: 1n }]],
  ["zero with a sign", [{ ...first, values: { loss: -0 } }, second]],
];
for (const [what, events] of changes) {
  test(`the digest tells ${what}`, () => {
    assert.notEqual(tally(events).digest, tally([first, second]).digest);
  });
}

test("zero and minus zero differ, and so do their metrics", () => {
  const plus = tally([row(0, { x: 0 })]);
  const minus = tally([row(0, { x: -0 })]);
  assert.notEqual(plus.metrics["x"]?.digest, minus.metrics["x"]?.digest);
});

test("a metric's digest does not depend on the order of its points", () => {
  const forward = tally([first, second]).metrics["loss"]?.digest;
  assert.equal(tally([second, first]).metrics["loss"]?.digest, forward);
});

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("equal events have equal digests, whatever the order of their keys", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), json), (set) => {
    const reversed = Object.fromEntries(Object.entries(set).reverse());
    const config = tally([{ type: "config", seq: 0, set }]);
    const summary = tally([{ type: "summary", seq: 0, set }]);
    assert.equal(
      tally([{ type: "config", seq: 0, set: reversed }]).digest,
      config.digest,
    );
    assert.notEqual(summary.digest, config.digest);
  }));
});
