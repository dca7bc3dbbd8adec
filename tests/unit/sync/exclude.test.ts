import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import { Exclusion } from "../../../src/sync/exclude.ts";

const run: readonly RunEvent[] = [
  { type: "console", seq: 0, stream: "stdout", text: "hello", line: 1 },
  { type: "history", seq: 1, step: 0, values: { loss: 1 } },
  { type: "media", seq: 2, step: 0, key: "image", kind: "image", items: [] },
  { type: "history", seq: 3, step: 1, values: { loss: 2 } },
];

test("without an exclusion the events are passed on untouched", () => {
  const exclusion = new Exclusion({ console: false, media: false });
  assert.equal(exclusion.apply(run), run);
  assert.deepEqual(exclusion.counts, {});
});

test("what is excluded is counted, and the rest is numbered without gaps over several batches", () => {
  const exclusion = new Exclusion({ console: true, media: true });
  const kept = [
    ...exclusion.apply(run.slice(0, 2)),
    ...exclusion.apply(run.slice(2)),
  ];
  assert.deepEqual(kept.map(({ type, seq }) => [type, seq]), [["history", 0], [
    "history",
    1,
  ]]);
  assert.deepEqual(exclusion.counts, { console: 1, media: 1 });
});
