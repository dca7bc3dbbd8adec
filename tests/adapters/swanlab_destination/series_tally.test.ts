import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  seriesDifference,
  SeriesTally,
} from "../../../adapters/destinations/swanlab/series_tally.ts";

type Point = readonly [step: number, time: number, value: number | string];

/** The sum of some points, of some steps only where `only` says so. */
function tallyOf(points: readonly Point[], only?: SeriesTally): SeriesTally {
  const tally = new SeriesTally(only?.steps);
  for (const [step, time, value] of points) {
    if (typeof value === "string") tally.addText(step, time, value);
    else tally.add(step, time, value);
  }
  return tally;
}

const delivered: readonly Point[] = [[0, 1000, 0.5], [1, 2000, NaN], [2, 3000, Infinity]];

describe("the difference of two series", () => {
  it("is none for the same points in any order", () => {
    const held = tallyOf([...delivered].reverse());
    assert.equal(seriesDifference("M", tallyOf(delivered), held), undefined);
  });

  it("is none for zeros of either sign and for times cut to the millisecond", () => {
    const exact = tallyOf([[0, 1000.4, -0], [1, 2000.9, 1]]);
    assert.equal(seriesDifference("M", exact, tallyOf([[0, 1000, 0], [1, 2000, 1]])), undefined);
  });

  it("is none where the host does not tell times", () => {
    const held = tallyOf(delivered.map(([step, , value]) => [step, NaN, value] as const));
    assert.equal(seriesDifference("M", tallyOf(delivered), held), undefined);
  });

  it("names what is wrong, and whether it may still come", () => {
    const many = Array.from({ length: 9 }, (_, step) => [step, 0, 1] as const);
    const table: readonly (readonly [
      expected: readonly Point[],
      held: readonly Point[] | undefined,
      text: string,
      missing: boolean,
    ])[] = [
      [delivered, undefined, "M is not held.", true],
      [
        delivered,
        delivered.slice(0, 2),
        "M: 3 points were delivered, 2 are held; step 2 is missing.",
        true,
      ],
      [
        many,
        many.slice(0, 2),
        "M: 9 points were delivered, 2 are held; step 2, 3, 4 … is missing.",
        true,
      ],
      [
        delivered,
        [...delivered, [1, 2000, NaN]],
        "M: 1 points are held more than once.",
        false,
      ],
      [
        delivered,
        [[0, 1000, 0.25], ...delivered.slice(1)],
        "M: the value held at step 0 is not the one delivered.",
        false,
      ],
      [
        delivered,
        [[0, 9000, 0.5], ...delivered.slice(1)],
        "M: the times held are not the ones delivered.",
        false,
      ],
      [
        [[0, 0, "a"], [1, 0, "b"]],
        [[0, 0, "b"], [1, 0, "a"]],
        "M: the values held are not the ones delivered.",
        false,
      ],
    ];
    for (const [expected, held, text, missing] of table) {
      const sum = held === undefined ? undefined : tallyOf(held);
      assert.deepEqual(seriesDifference("M", tallyOf(expected), sum), { text, missing });
    }
  });

  it("leaves out steps that nobody asked for", () => {
    const expected = tallyOf(delivered);
    const held = tallyOf([...delivered, [7, 8000, 1], [8, 9000, 2]], expected);
    assert.equal(seriesDifference("M", expected, held), undefined);
  });

  it("names the step of a single wrong value, and no step for several", () => {
    const points = Array.from({ length: 1000 }, (_, step) => [3 * step, 0, step / 7] as const);
    const expected = tallyOf(points);
    for (let at = 0; at < points.length; at += 37) {
      const held = tallyOf(points.map((point, place) => place === at ? [3 * at, 0, -1] : point));
      assert.equal(
        seriesDifference("M", expected, held)?.text,
        `M: the value held at step ${3 * at} is not the one delivered.`,
      );
    }
    const several = tallyOf(points.map(([step, time, value]) => [step, time, value + 1]));
    assert.match(seriesDifference("M", expected, several)?.text ?? "", /the values held are not/);
  });
});
