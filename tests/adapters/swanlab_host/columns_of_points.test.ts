import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { downsample } from "../../../adapters/hosts/swanlab/downsample.ts";
import { parseIsoTime } from "../../../adapters/hosts/swanlab/iso_time.ts";
import { PointCollector, type Points } from "../../../adapters/hosts/swanlab/points.ts";
import {
  decodeScalars,
  encodeScalars,
  parseScalars,
} from "../../../adapters/hosts/swanlab/scalar_batch.ts";
import { SeriesSummary } from "../../../adapters/hosts/swanlab/series_summary.ts";
import { StepExtents } from "../../../adapters/hosts/swanlab/step_extents.ts";

test("times are read with all the digits that clients write", () => {
  const day = Date.UTC(2026, 4, 6, 7, 8, 9);
  const table = [
    ["2026-05-06T07:08:09Z", day],
    ["2026-05-06T07:08:09.123456Z", day + 123.456],
    ["2026-05-06T07:08:09.123456789Z", day + 123.456789],
    ["2026-05-06T07:08:09.5+00:00", day + 500],
    ["2026-05-06T07:08:09", day],
    ["2026-05-06T07:08:09.25", day + 250],
    ["2026-05-06T09:08:09.123+02:00", day + 123],
    ["2026-05-06T09:08:09+0200", day],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
    ["1969-12-31T23:59:59.5Z", -500],
    ["", NaN],
    ["yesterday", NaN],
    ["2026-13-06T07:08:09Z", NaN],
    ["2026-05-06T07:08:0xZ", NaN],
    ["2026-05-06 07:08", Date.UTC(2026, 4, 6, 7, 8)],
  ] as const;
  for (const [text, time] of table) assert.equal(parseIsoTime(text), time, text);
});

const step = fc.oneof(fc.nat(20), fc.nat(2 ** 31 - 1));
const point = fc.record({ step, time: fc.nat(1e6), value: fc.double() });

function collected(points: readonly { step: number; time: number; value: number }[]): Points {
  const collector = new PointCollector();
  for (const { step, time, value } of points) collector.add(step, time, value);
  return collector.points();
}

test("points are sorted by step, and of equal steps the last one stays", () => {
  fc.assert(fc.property(fc.array(point, { maxLength: 200 }), (points) => {
    const last = new Map(points.map((one) => [one.step, one]));
    const wanted = [...last.values()].sort((left, right) => left.step - right.step);
    const { steps, times, values } = collected(points);
    assert.deepEqual([...steps], wanted.map((one) => one.step));
    assert.deepEqual([...times], wanted.map((one) => one.time));
    assert.deepEqual([...values], wanted.map((one) => one.value));
  }));
});

test("a summary that says it is exact is that of its points", () => {
  fc.assert(fc.property(fc.array(point, { maxLength: 60 }), (points) => {
    const grown = new SeriesSummary();
    for (const { step, time, value } of points) grown.add(step, time, value);
    const whole = SeriesSummary.of(collected(points));
    assert.equal(grown.lastStep, whole.lastStep);
    if (grown.exact) assert.deepEqual(grown, whole);
    else assert.ok(points.some(({ step }, at) => at > 0 && step <= (points[at - 1]?.step ?? -1)));
  }));
});

test("a batch survives its frame", () => {
  const item = fc.record({ key: fc.string({ minLength: 1 }), index: step, data: fc.double() });
  fc.assert(fc.property(fc.array(item), (items) => {
    const sent = items.map((one) => ({
      ...one,
      data: Number.isFinite(one.data) ? one.data : String(one.data),
    }));
    const batch = parseScalars(sent, 5);
    assert.deepEqual(decodeScalars(encodeScalars(batch)), batch);
    assert.deepEqual(
      [...batch.places].map((place) => batch.keys[place]),
      items.map(({ key }) => key),
    );
  }));
});

test("thinning out keeps the order and the ends, and never more than was asked for", () => {
  fc.assert(fc.property(
    fc.array(fc.double(), { maxLength: 300 }),
    fc.integer({ min: 3, max: 100 }),
    (numbers, most) => {
      const points = collected(numbers.map((value, step) => ({ step, time: 0, value })));
      const kept = downsample(points, most);
      assert.equal(kept.length, Math.min(numbers.length, most));
      assert.deepEqual(kept, [...kept].sort((left, right) => left - right));
      assert.equal(new Set(kept).size, kept.length);
      if (numbers.length === 0) return;
      assert.deepEqual([kept[0], kept.at(-1)], [0, numbers.length - 1]);
    },
  ));
});

test("every stretch that holds a step of a range is found", () => {
  const frames = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 50 });
  fc.assert(fc.property(frames, step, step, (frames, from, width) => {
    const extents = new StepExtents();
    const range = { from, below: from + width };
    const size = 300_000;
    for (const [at, steps] of frames.entries()) {
      extents.add({ offset: at * size, checksum: 0 }, Float64Array.from(steps));
    }
    const end = frames.length * size;
    const stretches = [...extents.overlapping(range, end)];
    for (const [at, steps] of frames.entries()) {
      if (!steps.some((one) => one >= range.from && one < range.below)) continue;
      assert.ok(stretches.some(({ start, end }) => start.offset <= at * size && at * size < end));
    }
    const all = [...extents.overlapping(undefined, end)];
    assert.equal(all.reduce((sum, { start, end }) => sum + end - start.offset, 0), end);
  }));
});
