import assert from "node:assert/strict";
import { test } from "node:test";
import { StepCounter } from "../../../adapters/sources/wandb/step_counter.ts";
import type { Integer } from "../../../src/model/json.ts";

type Row = readonly [
  item: Integer | undefined,
  record: Integer | undefined,
  step: Integer | undefined,
];

const none = undefined;
const cases: readonly (readonly [name: string, start: Integer, rows: readonly Row[]])[] = [
  ["the item counts", 0, [[0, 0, 0], [1, 1, 1], [20, 20, 20]]],
  ["the item counts more than the record", 0, [[5, 9, 5], [none, none, 6]]],
  ["the item takes no step back", 0, [[5, 5, 5], [3, 3, 6], [6, none, 7]]],
  ["without an item the record counts", 0, [[none, 4, 4], [none, 9, 9]]],
  ["a record whose step is over is void", 0, [[none, 4, 4], [none, 4, none], [none, none, 5]]],
  ["without both the next step counts", 0, [[none, none, 0], [none, none, 1], [7, none, 7]]],
  ["a run may start later", 100, [[none, none, 100], [5, none, 101], [none, 50, none]]],
  ["steps beyond 2^53 stay exact", 0, [
    [9007199254740990, none, 9007199254740990],
    [none, none, 9007199254740991],
    [none, none, 9007199254740992n],
    [9007199254740993n, none, 9007199254740993n],
    [none, 9007199254740995n, 9007199254740995n],
  ]],
  ["a step below zero becomes the next one", 0, [[-5, none, 0], [-1, none, 1]]],
];

for (const [name, start, rows] of cases) {
  test(name, () => {
    const steps = new StepCounter();
    steps.start(start);
    for (const [item, record, step] of rows) assert.equal(steps.step(item, record), step);
  });
}
