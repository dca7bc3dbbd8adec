import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RunEvent } from "../../../src/model/event.ts";
import { batches } from "../../../src/sync/batch.ts";

function events(from: number, count: number): readonly RunEvent[] {
  return Array.from({ length: count }, (_, at) => ({
    type: "history",
    seq: from + at,
    step: from + at,
    values: {},
  }));
}

async function* arrays(
  lengths: readonly number[],
): AsyncGenerator<readonly RunEvent[]> {
  let from = 0;
  for (const length of lengths) {
    yield events(from, length);
    from += length;
  }
}

test("batches keep every event once and in order, and only the last one is short", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40)),
      fc.integer({ min: 1, max: 25 }),
      async (lengths, size) => {
        const seen = await Array.fromAsync(batches(arrays(lengths), size));
        const total = lengths.reduce((sum, length) => sum + length, 0);
        assert.deepEqual(
          seen.flat().map(({ seq }) => seq),
          events(0, total).map(({ seq }) => seq),
        );
        assert.ok(seen.slice(0, -1).every((batch) => batch.length === size));
        assert.ok(
          seen.every((batch) => batch.length >= 1 && batch.length <= size),
        );
      },
    ),
  );
});

test("batching in two sizes one after the other is the same as the last size alone", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40)),
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 25 }),
      async (lengths, first, last) => {
        const twice = await Array.fromAsync(
          batches(batches(arrays(lengths), first), last),
        );
        assert.deepEqual(
          twice,
          await Array.fromAsync(batches(arrays(lengths), last)),
        );
      },
    ),
  );
});

test("a size below 1 is refused", async () => {
  await assert.rejects(Array.fromAsync(batches(arrays([1]), 0)), RangeError);
});
