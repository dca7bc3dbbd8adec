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

describe("the steps of W&B", () => {
  const rows: readonly (readonly [string, Partial<SegmentOptions>, readonly number[]])[] = [
    ["of a first part stay", {}, [0, 0, 1, 2, 10]],
    ["of a part that begins anew move to the next free ones", { last }, [20, 20, 21, 22, 23]],
    ["move as before when the part is known", { last, known }, [20, 20, 21, 22, 23]],
    ["that are larger than those before stay", { last: { ...last, step: 4 } }, [5, 5, 6, 7, 10]],
  ];
  for (const [sentence, options, expected] of rows) {
    it(sentence, () => {
      const segment = new Segment({ ...options, name: "run-1", restarts: true });
      assert.deepEqual([0, 0, 1, 2, 10].map((step) => segment.step(step)), expected);
    });
  }
});
