import assert from "node:assert/strict";
import { test } from "node:test";
import { tallyDifferences } from "../../../src/archive/tally_difference.ts";
import type { MetricTally, Tally } from "../../../src/model/tally.ts";

const loss: MetricTally = { points: 3, firstStep: 0, lastStep: 2, last: NaN, digest: "l" };
const sample: Tally = {
  events: { history: 3, console: 2 },
  metrics: { loss },
  system: { cpu: loss },
  console: { lines: 2, digest: "c" },
  files: { "a.png": { bytes: 5, sha256: "f" } },
  digest: "all",
};

const changes: readonly (readonly [Partial<Tally>, readonly string[]])[] = [
  [{}, []],
  [{ metrics: { loss: { ...loss, last: NaN } } }, []],
  [{ files: { ...sample.files, more: { bytes: 1, sha256: "m" } } }, []],
  [{ events: { history: 2, console: 2 } }, ["3 history events were delivered, 2 are held."]],
  [{ events: { ...sample.events, alert: 1 } }, ["No alert event was delivered, 1 are held."]],
  [{ events: {} }, [
    "3 history events were delivered, 0 are held.",
    "2 console events were delivered, 0 are held.",
  ]],
  [{ metrics: {} }, ['Metric "loss" is not held.']],
  [{ metrics: { loss, other: loss } }, ['Metric "other" is held but was not delivered.']],
  [{ metrics: { loss: { ...loss, points: 2 } } }, [
    'Metric "loss": 3 points were delivered, 2 are held.',
  ]],
  [{ metrics: { loss: { ...loss, lastStep: 9n } } }, [
    'Metric "loss": steps 0 to 2 were delivered, 0 to 9 are held.',
  ]],
  [{ metrics: { loss: { ...loss, last: 1 } } }, [
    'Metric "loss": the values held are not the ones delivered.',
  ]],
  [{ system: { cpu: { ...loss, digest: "x" } } }, [
    'System metric "cpu": the values held are not the ones delivered.',
  ]],
  [{ console: { lines: 1, digest: "c" } }, ["2 console lines were delivered, 1 are held."]],
  [{ console: { lines: 2, digest: "x" } }, [
    "The console lines held are not the ones delivered.",
  ]],
  [{ files: {} }, ['File "a.png" is not held.']],
  [{ files: { "a.png": { bytes: 4, sha256: "f" } } }, [
    'File "a.png": 5 bytes were delivered, 4 are held.',
  ]],
  [{ files: { "a.png": { bytes: 5, sha256: "x" } } }, [
    'File "a.png": the content held is not the one delivered.',
  ]],
  [{ digest: "other" }, ["The events are not the same, or not in the same order."]],
];

for (const [change, sentences] of changes) {
  test(`${Object.keys(change).join() || "nothing"} changed: ${sentences.join(" ")}`, () => {
    assert.deepEqual(tallyDifferences(sample, { ...sample, ...change }), sentences);
  });
}

test("many differences are counted, not all named", () => {
  const metrics = Object.fromEntries([...Array(50).keys()].map((key) => [`k${key}`, loss]));
  const differences = tallyDifferences({ ...sample, metrics }, { ...sample, metrics: {} });
  assert.equal(differences.length, 21);
  assert.equal(differences.at(-1), "And 30 more differences.");
});
