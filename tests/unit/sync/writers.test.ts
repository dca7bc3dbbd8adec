import assert from "node:assert/strict";
import { test } from "node:test";
import { Writers } from "../../../src/sync/writers.ts";

test("one look at what is open answers for every run for a while", async () => {
  let now = 0;
  let looks = 0;
  const open = ["/runs/a/files/log", "socket:[7]", "/runs/bb/log"];
  const writers = new Writers(() => now, async function* (): AsyncGenerator<string> {
    looks++;
    yield* open;
  });
  const runs = ["/runs/a", "/runs/b", "/runs/bb", "/other"];
  const answers = await Promise.all(runs.map((run) => writers.has(run)));
  assert.deepEqual(answers, [true, false, true, false]);
  open.pop();
  assert.equal(await writers.has("/runs/bb"), true);
  now = 5000;
  assert.equal(await writers.has("/runs/bb"), false);
  assert.equal(looks, 2);
});
