import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Segment, type SegmentOptions } from "../../../adapters/destinations/swanlab/segment.ts";

const last = { step: 19, sample: 4, line: 20 };
const known = { after: 19, samples: 0, lines: 7 };

const table: readonly (readonly [
  sentence: string,
  options: Omit<SegmentOptions, "restarts" | "name">,
  lines: readonly number[],
  expected: readonly number[],
])[] = [
  ["of a first part stay", {}, [1, 2, 5], [1, 2, 5]],
  ["of a part that counts anew move behind those that are there", { last }, [1, 2], [21, 22]],
  ["of a part that goes on counting stay", { last }, [21, 22], [21, 22]],
  ["behind a hole stay too", { last }, [30, 31], [30, 31]],
  ["all move once the first has moved", { last }, [1, 25], [21, 45]],
  ["of a part that is known move as before", { last, known }, [1, 30], [8, 37]],
];

describe("the lines", () => {
  for (const [sentence, options, lines, expected] of table) {
    it(sentence, () => {
      const segment = new Segment({ ...options, name: "run-1", restarts: false });
      assert.deepEqual(lines.map((line) => segment.line(line)), expected);
      assert.equal(segment.mark().lines, (expected[0] ?? 0) - (lines[0] ?? 0));
    });
  }
});

describe("the lines of a part that was interrupted before its first one", () => {
  it("move behind those that were there when it began, not behind its own", () => {
    const options = { name: "run-1", restarts: false } as const;
    const begun = new Segment({ ...options, last }).mark();
    assert.equal(begun.lines, undefined);
    const [grown, known] = [{ ...last, line: 26 }, { ...begun }];
    const resumed = new Segment({ ...options, last: grown, known });
    assert.deepEqual([1, 2].map((line) => resumed.line(line)), [21, 22]);
    assert.equal(resumed.mark().lines, 20);
  });
});

describe("the steps of W&B", () => {
  const rows: readonly (readonly [string, Partial<SegmentOptions>, readonly number[]])[] = [
    ["of a first part stay", {}, [0, 0, 1, 2, 10]],
    ["of a part that begins anew move to the next free ones", { last }, [20, 20, 21, 22, 23]],
    ["move as before when the part is known", { last, known }, [20, 20, 21, 22, 23]],
    ["of a part that comes late stay", { last, isLate: true }, [0, 0, 1, 2, 10]],
    ["of a part that stayed once stay", { known: { ...known, moved: false } }, [0, 0, 1, 2, 10]],
    ["that are larger than those before stay", { last: { ...last, step: 4 } }, [5, 5, 6, 7, 10]],
  ];
  for (const [sentence, options, expected] of rows) {
    it(sentence, () => {
      const segment = new Segment({ ...options, name: "run-1", restarts: true });
      assert.deepEqual([0, 0, 1, 2, 10].map((step) => segment.step(step)), expected);
    });
  }

  it("of a part that was told where to go on stay, wherever that is", () => {
    const segment = new Segment({ last, name: "run-1", restarts: true });
    assert.deepEqual([15, 16, 17].map((step) => segment.step(step)), [15, 16, 17]);
    assert.equal(segment.mark().moved, false);
    assert.equal(segment.first, 15);
  });

  it("of a part that moved once move again, though its first step is another one now", () => {
    const segment = new Segment({
      ...{ name: "run-1", restarts: true },
      known: { ...known, moved: true },
    });
    assert.deepEqual([18, 19, 30].map((step) => segment.step(step)), [20, 21, 30]);
  });
});
