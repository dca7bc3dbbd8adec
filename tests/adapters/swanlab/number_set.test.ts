import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { NumberSet } from "../../../adapters/sources/swanlab/number_set.ts";
import type { Integer } from "../../../src/model/json.ts";

/** What a set answers to these numbers, one after the other. */
function answers(numbers: readonly Integer[]): readonly boolean[] {
  const set = new NumberSet();
  return numbers.map((number) => set.add(number));
}

const cases: readonly (readonly [string, readonly Integer[], readonly boolean[]])[] = [
  ["in order", [0, 1, 2, 3], [true, true, true, true]],
  ["at a distance", [0, 10, 20, 10, 15, 15], [true, true, true, false, true, false]],
  ["with another distance", [1, 2, 10, 20, 30, 2, 20, 3], [
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    true,
  ]],
  ["downwards", [3, 2, 1, 2], [true, true, true, false]],
  ["negative", [-1, -1, 0, -3, -3], [true, false, true, true, false]],
  ["huge", [2n ** 60n, 2n ** 60n, 2n ** 60n + 1n, 5], [true, false, true, true]],
];

for (const [title, numbers, expected] of cases) {
  test(`numbers that come ${title} are new once`, () => {
    assert.deepEqual(answers(numbers), expected);
  });
}

test("any numbers are new the first time and never again", () => {
  const number = fc.oneof(
    fc.integer({ min: -5, max: 40 }),
    fc.nat(),
    fc.bigInt({ min: 2n ** 53n }),
  );
  fc.assert(fc.property(fc.array(number), (numbers) => {
    const set = new NumberSet();
    const seen = new Set<Integer>();
    for (const next of numbers) {
      assert.equal(set.has(next), seen.has(next));
      assert.equal(set.add(next), !seen.has(next));
      seen.add(next);
      assert.equal(set.has(next), true);
    }
  }));
});
