import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sketch, sparkline } from "../../../src/cli/sparkline.ts";

describe("sparkline", () => {
  it("draws the lowest as the lowest bar and the highest as the highest", () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
    assert.equal(sparkline([-5, 5]), "▁█");
  });

  it("marks what is not finite, leaves gaps empty, and draws a constant flat", () => {
    assert.equal(sparkline([0, NaN, undefined, Infinity, 1]), "▁× ×█");
    assert.equal(sparkline([3, 3, 3]), "▄▄▄");
    assert.equal(sparkline([]), "");
  });

  it("does not overflow at the ends of the range of numbers", () => {
    assert.equal(sparkline([-Number.MAX_VALUE, 0, Number.MAX_VALUE]), "▁▅█");
  });
});

describe("Sketch", () => {
  it("keeps few values as they are", () => {
    const sketch = new Sketch(8);
    for (const value of [1, 2, 3]) sketch.add(value);
    assert.deepEqual(sketch.values(8), [1, 2, 3]);
  });

  it("keeps the shape of many values in buckets of equal length", () => {
    const sketch = new Sketch(8);
    for (let value = 0; value < 64; value++) sketch.add(value);
    assert.deepEqual(sketch.values(8), [3.5, 11.5, 19.5, 27.5, 35.5, 43.5, 51.5, 59.5]);
    assert.deepEqual(sketch.values(4), [7.5, 23.5, 39.5, 55.5]);
  });

  it("weighs the bucket that is not full yet by what is in it", () => {
    const sketch = new Sketch(4);
    for (const value of [0, 0, 0, 0, 8]) sketch.add(value);
    assert.deepEqual(sketch.values(4), [0, 0, 8]);
    assert.deepEqual(sketch.values(1), [1.6]);
  });

  it("leaves out what is not finite, unless there is nothing else", () => {
    const sketch = new Sketch(2);
    for (const value of [NaN, 1, NaN, NaN]) sketch.add(value);
    assert.deepEqual(sketch.values(2), [1, NaN]);
  });
});
