import assert from "node:assert/strict";
import { it } from "node:test";
import { OutcomeQueue } from "../../../src/sync/outcome_queue.ts";
import { Slots } from "../../../src/sync/slots.ts";
import { outcomeOf } from "../cli/outcomes.ts";

it("outcomes come in their order, also those that are added while nobody waits", async () => {
  const queue = new OutcomeQueue();
  const { promise: work, resolve: end } = Promise.withResolvers<void>();
  queue.add(outcomeOf({ path: "/1" }));
  queue.add(outcomeOf({ path: "/2" }));
  const seen: string[] = [];
  for await (const { path } of queue.until(work)) {
    seen.push(path);
    if (path === "/2") setImmediate(() => queue.add(outcomeOf({ path: "/3" })));
    if (path === "/3") {
      queue.add(outcomeOf({ path: "/4" }));
      end();
    }
  }
  assert.deepEqual(seen, ["/1", "/2", "/3", "/4"]);
});

it("a failure comes behind all outcomes", async () => {
  const queue = new OutcomeQueue();
  queue.add(outcomeOf({ path: "/1" }));
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const { path } of queue.until(Promise.reject(new Error("broken")))) seen.push(path);
  }, /broken/);
  assert.deepEqual(seen, ["/1"]);
});

it("slots let only so many work, and one that waits lets another work", async () => {
  const slots = new Slots(1);
  await slots.take();
  const said: string[] = [];
  const other = slots.take().then(() => {
    said.push("other");
    slots.give();
  });
  assert.equal(said.length, 0);
  await slots.without(async () => {
    await other;
    said.push("waited");
  });
  assert.deepEqual(said, ["other", "waited"]);
});
