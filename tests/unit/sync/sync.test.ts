import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunReader, Source } from "../../../src/adapter.ts";
import type { Found } from "../../../src/sync/plan.ts";
import { eachRun } from "../../../src/sync/sync.ts";
import { testContext } from "../../contract/context.ts";
import { eventsOf, openMemoryRun } from "../../contract/memory_run.ts";
import { SourceError } from "../../../src/errors.ts";
import { silentProgress } from "../../silent_progress.ts";

/** Opens /0 last, /1 not at all, and the others at once. */
const source: Source = {
  name: "memory",
  recognise: () => Promise.resolve([]),
  async open({ path }): Promise<RunReader> {
    if (path === "/1") throw new SourceError("unreadable");
    for (let turn = path === "/0" ? 50 : 0; turn > 0; turn--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return openMemoryRun({ info: { path }, events: eventsOf([]) });
  },
};

async function* found(count: number): AsyncGenerator<Found> {
  for (let at = 0; at < count; at++) {
    yield await Promise.resolve({
      type: "run",
      ref: { source: "memory", path: `/${at}` },
    });
  }
}

test("runs are handed over in their order, and then worked on side by side", async () => {
  const begun: string[] = [];
  let working = 0;
  let most = 0;
  const options = {
    sources: [source],
    destinations: [],
    jobs: 3,
    context: testContext(),
    progress: silentProgress,
  };
  const outcomes = await Array.fromAsync(eachRun(found(6), options, async ({ info }) => {
    begun.push(info.path);
    most = Math.max(most, ++working);
    for (let turn = 0; turn < 9; turn++) await new Promise((resolve) => setImmediate(resolve));
    working--;
    return [];
  }));
  assert.deepEqual(begun, ["/0", "/2", "/3", "/4", "/5"]);
  assert.deepEqual(outcomes.map(({ path, status }) => [path, status]), [["/1", "failed"]]);
  assert.equal(most, 3);
});
