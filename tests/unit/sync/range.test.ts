import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import { Exclusion, type Range, rangeText } from "../../../src/sync/exclude.ts";

const events: readonly RunEvent[] = [
  { type: "config", seq: 0, set: { a: 1 } },
  { type: "history", seq: 1, step: 0, time: 1000, values: { loss: 1 } },
  { type: "console", seq: 2, stream: "stdout", text: "one", line: 1, time: 1500 },
  { type: "media", seq: 3, step: 1, time: 2000, key: "image", kind: "image", items: [] },
  { type: "system", seq: 4, step: 0, time: 2500, values: { cpu: 1 } },
  { type: "history", seq: 5, step: 2n, time: 3000, values: { loss: 2 } },
  { type: "history", seq: 6, step: 3, values: { loss: 3 } },
  { type: "console", seq: 7, stream: "stdout", text: "two", line: 2 },
  { type: "finish", seq: 8, state: "finished" },
];

/** The places of the events that stay. */
function kept(range: Range): readonly number[] {
  const exclusion = new Exclusion({ console: false, media: false, range });
  return exclusion.apply(events).map((event) => events.findIndex((one) => same(one, event)));
}

function same({ seq: _, ...left }: RunEvent, { seq: __, ...right }: RunEvent): boolean {
  return left.type === right.type && left.time === right.time &&
    ("step" in left ? left.step : -1) === ("step" in right ? right.step : -1) &&
    ("line" in left ? left.line : -1) === ("line" in right ? right.line : -1);
}

describe("a range", () => {
  it("includes both its ends, and bounds lines only by time", () => {
    const table: readonly (readonly [Range, readonly number[]])[] = [
      [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
      [{ startStep: 1 }, [0, 2, 3, 5, 6, 7, 8]],
      [{ endStep: 1 }, [0, 1, 2, 3, 4, 7, 8]],
      [{ startStep: 2, endStep: 2 }, [0, 2, 5, 7, 8]],
      [{ startTime: 2000 }, [0, 3, 4, 5, 6, 7, 8]],
      [{ endTime: 2000 }, [0, 1, 2, 3, 6, 7, 8]],
      [{ startTime: 2500, endTime: 2500 }, [0, 4, 6, 7, 8]],
      [{ startStep: 1, endTime: 2000 }, [0, 2, 3, 6, 7, 8]],
      [{ startStep: 9, endStep: 1 }, [0, 2, 7, 8]],
    ];
    for (const [range, expected] of table) {
      assert.deepEqual(kept(range), expected, JSON.stringify(range));
    }
  });

  it("numbers what stays without gaps and counts what it leaves out", () => {
    const exclusion = new Exclusion({ console: true, media: false, range: { startStep: 2 } });
    const stayed = exclusion.apply(events);
    assert.deepEqual(stayed.map(({ seq }) => seq), [0, 1, 2, 3]);
    assert.deepEqual(exclusion.counts, { history: 1, media: 1, system: 1, console: 2 });
  });

  it("has a text of its own for each", () => {
    const ranges: readonly Range[] = [{}, { startStep: 1 }, { endStep: 1 }, { startTime: 1 }];
    assert.equal(new Set(ranges.map(rangeText)).size, ranges.length);
    assert.equal(rangeText({ startStep: 1 }), rangeText({ startStep: 1 }));
  });
});
