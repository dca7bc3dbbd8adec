import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "./fault_proxy.ts";
import { ferriedRun } from "./ferried_run.ts";
import { sweep } from "./sweep.ts";

for (const fault of faults) {
  test(`"${fault}" at any request of a ferry costs nothing, or is told and healed`, async () => {
    assert.deepEqual(await sweep({ fault, run: ferriedRun }), []);
  });
}
