import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Segment, type SegmentOptions } from "../../../adapters/destinations/swanlab/segment.ts";

const last = { step: 19, sample: 4, line: 20 };
const known = { after: 19, steps: 0, samples: 0, lines: 7 };

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
