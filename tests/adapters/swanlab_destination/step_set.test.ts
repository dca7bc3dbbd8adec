import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StepSet } from "../../../adapters/destinations/swanlab/step_set.ts";

/** Steps as programs make them: steady growth, jumps, and late ones in between. */
const steps: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(
    fc.record({
      first: fc.nat(200),
      distance: fc.constantFrom(1, 1, 2, 10, 2 ** 52),
      count: fc.nat(30),
    }).map(({ first, distance, count }) =>
      Array.from({ length: count }, (_, at) => first + at * distance)
    ),
    fc.array(fc.nat(200), { maxLength: 10 }),
    fc.constantFrom([2 ** 53, 2 ** 60], [2 ** 60, 2 ** 60 + 2 ** 20], [0]),
  ),
  { maxLength: 6 },
).map((runs) => runs.flat());

describe("a set of steps", () => {
  it("holds what a set holds, whatever the order of adding", () => {
    fc.assert(fc.property(steps, (all) => {
      const set = new StepSet();
      const truth = new Set<number>();
      for (const step of all) {
        assert.equal(set.add(step), !truth.has(step));
        truth.add(step);
        assert.equal(set.size, truth.size);
        assert.equal(set.has(step), true);
      }
      for (let step = 0; step < 230; step++) assert.equal(set.has(step), truth.has(step));
      const ascending = (left: number, right: number): number => left - right;
      assert.deepEqual([...set].sort(ascending), [...truth].sort(ascending));
    }));
  });

  it("tells which of its numbers another one lacks, the first few only", () => {
    fc.assert(fc.property(steps, steps, fc.integer({ min: 1, max: 5 }), (mine, theirs, most) => {
      const [left, right] = [new StepSet(), new StepSet()];
      for (const step of mine) left.add(step);
      for (const step of theirs) right.add(step);
      const missing = left.missingIn(right, most);
      const truth = new Set(theirs);
      const all = [...new Set(mine)].filter((step) => !truth.has(step));
      assert.equal(missing.length, Math.min(most, all.length));
      for (const step of missing) assert.ok(all.includes(step));
    }));
  });

  it("is empty in the beginning", () => {
    const set = new StepSet();
    assert.equal(set.size, 0);
    assert.equal(set.has(0), false);
    assert.deepEqual([...set], []);
    assert.deepEqual(set.missingIn(new StepSet(), 3), []);
  });

  it("takes no number between those of a range", () => {
    const set = new StepSet();
    for (let step = 0; step <= 100; step += 10) set.add(step);
    assert.equal(set.has(50), true);
    for (const step of [5, 51, 95, 110, -10]) assert.equal(set.has(step), false, String(step));
    assert.equal(set.add(55), true);
    assert.equal(set.add(55), false);
    assert.equal(set.has(55), true);
  });
});
