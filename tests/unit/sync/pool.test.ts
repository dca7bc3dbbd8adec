import assert from "node:assert/strict";
import { test } from "node:test";
import { pool } from "../../../src/sync/pool.ts";

test("every item is worked on once, and as many as allowed side by side", async () => {
  const three = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const results = await Array.fromAsync(
    pool([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      if (running === 3) three.resolve();
      await three.promise;
      running--;
      return item * 10;
    }),
  );
  assert.deepEqual(results.sort((a, b) => a - b), [10, 20, 30, 40, 50, 60, 70]);
  assert.equal(most, 3);
});

test("a result is yielded as soon as it is ready, not in the order of the items", async () => {
  const slow = Promise.withResolvers<void>();
  const results: string[] = [];
  for await (
    const name of pool(["slow", "quick"], 2, async (item) => {
      if (item === "slow") await slow.promise;
      return item;
    })
  ) {
    results.push(name);
    slow.resolve();
  }
  assert.deepEqual(results, ["quick", "slow"]);
});

test("when the consumer stops, nothing new begins and what runs is waited for", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  for await (
    const _ of pool([1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      for (let turn = 0; turn < item * 5; turn++) await Promise.resolve();
      ended.push(item);
    })
  ) break;
  assert.deepEqual(begun, [1, 2]);
  assert.deepEqual(ended, [1, 2]);
});

test("an error of the work reaches the consumer", async () => {
  const failing = pool([1], 1, () => Promise.reject(new Error("broken")));
  await assert.rejects(Array.fromAsync(failing), /broken/);
});
