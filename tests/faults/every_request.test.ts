import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/sync/outcome.ts";
import { inScratch } from "../contract/scratch.ts";
import { compareFacts } from "../interop/compare_facts.ts";
import type { Facts } from "../interop/facts.ts";
import { type Fault, faults, openFaultProxy, type ProxiedRequest } from "./fault_proxy.ts";
import {
  ferryTo,
  nameOfRequest,
  openTestHost,
  patientContext,
  type TestHost,
} from "./ferried_run.ts";

/** Says yes to the so-many-th request of a name. */
function nth(name: string, number: number): (request: ProxiedRequest) => boolean {
  let seen = 0;
  return (request) => nameOfRequest(request) === name && seen++ === number;
}

/** What one ferry left. */
interface Ferried {
  readonly outcome: Outcome;
  readonly requests: readonly ProxiedRequest[];
  readonly left: Facts;
  /** What another one, undisturbed, made of it; the same where nothing was missing. */
  readonly healed: Facts;
}

interface Disturbance {
  readonly fault: Fault;
  readonly at: (request: ProxiedRequest) => boolean;
}

/** Whether the report says that everything is there. */
function arrived({ error, losses, differences }: Outcome): boolean {
  return error === undefined && losses.length === 0 && differences.length === 0;
}

/** Ferries the run through a proxy into a project where nothing is. */
async function ferryDisturbed(
  host: TestHost,
  number: number,
  { fault, at }: Disturbance,
): Promise<Ferried> {
  const cancel = new AbortController();
  await using proxy = await openFaultProxy({
    target: host.url,
    fault,
    at: (request) => {
      if (!at(request)) return false;
      // Nobody waits a minute here: a user who sees it hanging presses Ctrl-C.
      if (fault === "hang") setImmediate(() => cancel.abort());
      return true;
    },
  });
  const outcome = await ferryTo(proxy.url, number, patientContext(proxy, cancel.signal));
  const requests = [...proxy.requests];
  const left = await host.heldFacts(number);
  if (arrived(outcome)) return { outcome, requests, left, healed: left };
  await proxy.restore();
  const second = await ferryTo(proxy.url, number, patientContext(proxy));
  assert.equal(second.error, undefined);
  return { outcome, requests, left, healed: await host.heldFacts(number) };
}

/** Every difference between two states, one line each. */
function differences(expected: Facts, found: Facts): string[] {
  return compareFacts(expected, found, []).flatMap(({ group, differences }) =>
    differences.map(({ name, theirs, ours }) => `${group}, ${name}: ${theirs} became ${ours}`)
  );
}

/** What a state holds that it should not, or holds otherwise. */
function inventions(expected: Facts, found: Facts): string[] {
  return compareFacts(expected, found, []).flatMap(({ group, differences }) =>
    differences.filter(({ ours }) => ours !== undefined && !unfinished(group, ours))
      .map(({ name, theirs, ours }) => `${group}, ${name}: ${theirs} became ${ours}`)
  );
}

/** What a run looks like that is not finished yet. */
function unfinished(group: string, statement: string): boolean {
  if (group === "run") return statement === '"RUNNING"' || statement === '""';
  if (group === "environment") return statement === '""';
  if (group === "saved files") return !statement.endsWith('"UPLOADED"');
  return group === "metadata";
}

/** One request of a ferry. */
interface Where {
  readonly name: string;
  /** Which of those of this name. */
  readonly number: number;
}

/** Which request of which name the undisturbed ferry sends. */
function placesOf(requests: readonly ProxiedRequest[]): readonly Where[] {
  const seen = new Map<string, number>();
  return requests.map((request) => {
    const name = nameOfRequest(request);
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return { name, number };
  });
}

const refusals: ReadonlySet<Fault> = new Set(["401", "403", "redirect"]);

/** Whether a fault is a refusal for good, so that the ferry has to end and to say so. */
function isFinal(fault: Fault, { name }: Where): boolean {
  if (fault === "hang") return true;
  // Only points can be sent in smaller portions.
  if (fault === "413") return name !== "POST /api/house/metrics";
  // A key that is not taken stays so.
  return refusals.has(fault) && name === "POST /api/login/api_key";
}

async function undisturbed(host: TestHost): Promise<Ferried> {
  const ferried = await ferryDisturbed(host, 0, { fault: "drip", at: () => false });
  assert.ok(arrived(ferried.outcome));
  assert.equal(ferried.outcome.assurance, "exact");
  return ferried;
}

for (const fault of faults) {
  test(`"${fault}" at any request of a ferry costs nothing, or is told and healed`, async () => {
    await inScratch(async (scratch) => {
      await using host = await openTestHost(scratch);
      const { requests, left } = await undisturbed(host);
      const problems: string[] = [];
      for (const [index, place] of placesOf(requests).entries()) {
        const at = nth(place.name, place.number);
        const disturbed = await ferryDisturbed(host, index + 1, { fault, at });
        const { outcome } = disturbed;
        const found = arrived(outcome)
          ? differences(left, disturbed.left)
          : inventions(left, disturbed.left);
        if (!arrived(outcome) && !isFinal(fault, place)) {
          found.push(outcome.error?.message ?? JSON.stringify(outcome));
        }
        found.push(...differences(left, disturbed.healed));
        problems.push(...found.map((text) => `${place.name} (${place.number}): ${text}`));
      }
      assert.deepEqual(problems, []);
    });
  });
}
