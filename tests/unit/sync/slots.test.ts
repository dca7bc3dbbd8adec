import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "../../../src/sync/slots.ts";

test("who waited with its slot given away comes before those who have not begun", async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const first = slots.within(async () => {
    await slots.without(async () => {
      order.push("waits");
      await Promise.resolve();
    });
    order.push("goes on");
  });
  const others = ["second", "third"].map((name) =>
    slots.within(async () => {
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
    })
  );
  await Promise.all([first, ...others]);
  assert.deepEqual(order, ["waits", "second", "goes on", "third"]);
});
