import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../src/adapter.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { type Fault, openFaultProxy } from "../../faults/fault_proxy.ts";
import { ferryTo, type TestHost } from "../../faults/ferried_run.ts";
import { openSlowHost, type Slowness } from "./slow_host.ts";

/** The points that a host accepted more than once, and how many it has of each key. */
async function pointsOf(host: TestHost): Promise<{ [group: string]: number }> {
  const facts = await host.heldFacts(0);
  const groups = ["doubled", "scalar loss", "scalar val/acc", "media img", "console"];
  return Object.fromEntries(groups.map((group) => [group, facts.group(group).size]));
}

/** Each picture is counted with its captions. */
const everything = {
  "doubled": 0,
  "scalar loss": 20,
  "scalar val/acc": 20,
  "media img": 4,
  "console": 9,
};

interface Disturbance {
  readonly fault: Fault;
  /** Which of the requests with points. */
  readonly number: number;
}

/** A host that is slow, and ferries to it. */
interface SlowFerry {
  readonly host: TestHost;
  ferry(): Promise<Outcome>;
  /** Ferries until the disturbed request, and gives up there. */
  stop(): Promise<Outcome>;
}

async function withSlowHost(
  lags: Slowness["lags"],
  disturbance: Disturbance | undefined,
  use: (slow: SlowFerry) => Promise<void>,
): Promise<void> {
  await inScratch(async (scratch) => {
    const clock = testContext();
    await using host = await openSlowHost(scratch, { lags, now: clock.now });
    const cancel = new AbortController();
    let seen = 0;
    await using proxy = await openFaultProxy({
      target: host.url,
      ...(disturbance === undefined ? {} : { fault: disturbance.fault }),
      at: ({ path }) => {
        const isIt = path === "/api/house/metrics" && seen++ === disturbance?.number;
        if (isIt && disturbance?.fault === "hang") setImmediate(() => cancel.abort());
        return isIt;
      },
    });
    const ferry = (context: Context): Promise<Outcome> => ferryTo(proxy.url, 0, context);
    await use({
      host,
      ferry: () => ferry(clock),
      async stop(): Promise<Outcome> {
        const outcome = await ferry({ ...clock, signal: cancel.signal });
        await proxy.close();
        await host.settled();
        await proxy.restore();
        return outcome;
      },
    });
  });
}

const lagging: { readonly [name: string]: Slowness["lags"] } = {
  "after five seconds": [5_000, 5_000],
  "half at once and half after seven seconds": [0, 7_000],
};

for (const [name, lags] of Object.entries(lagging)) {
  test(`points that are stored ${name} are waited for`, async () => {
    await withSlowHost(lags, undefined, async ({ host, ferry }) => {
      const { error, assurance } = await ferry();
      assert.deepEqual([error, assurance], [undefined, "exact"]);
      assert.deepEqual(await pointsOf(host), everything);
    });
  });

  for (const fault of ["reset after", "500 after", "truncated", "reset before", "503"] as const) {
    test(`"${fault}" doubles no point that is stored ${name}`, async () => {
      for (let number = 0; number < 4; number++) {
        await withSlowHost(lags, { fault, number }, async ({ host, ferry }) => {
          assert.equal((await ferry()).error, undefined);
          assert.deepEqual(await pointsOf(host), everything);
        });
      }
    });
  }

  test(`a ferry that was stopped doubles no point that is stored ${name}`, async () => {
    for (let number = 1; number < 4; number++) {
      await withSlowHost(lags, { fault: "hang", number }, async ({ host, ferry, stop }) => {
        assert.equal((await stop()).error?.code, "cancelled");
        assert.equal((await ferry()).error, undefined);
        assert.deepEqual(await pointsOf(host), everything);
      });
    }
  });
}

test("points that are never stored are missed, and told by key", async () => {
  await withSlowHost([Infinity, Infinity], undefined, async ({ ferry }) => {
    const { error, differences, assurance } = await ferry();
    assert.deepEqual([error?.code, assurance], ["verify", "none"]);
    assert.deepEqual(differences, [
      'Metric "loss" is not held.',
      'Metric "val/acc" is not held.',
      'Metric "system/cpu.0" is not held.',
      'Media "img" is not held.',
      "The log: 9 points were delivered, 0 are held; step 1, 2, 3 … is missing.",
    ]);
  });
});
