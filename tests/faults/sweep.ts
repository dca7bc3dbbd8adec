import assert from "node:assert/strict";
import type { Assurance } from "../../src/adapter.ts";
import type { Outcome } from "../../src/sync/outcome.ts";
import type { MemoryRun } from "../contract/memory_run.ts";
import { inScratch } from "../contract/scratch.ts";
import { compareFacts } from "../interop/compare_facts.ts";
import type { Facts } from "../interop/facts.ts";
import type { Edits } from "./edited_host.ts";
import { type Fault, openFaultProxy, type ProxiedRequest } from "./fault_proxy.ts";
import {
  ferryTo,
  nameOfRequest,
  openTestHost,
  patientContext,
  type TestHost,
} from "./ferried_run.ts";

/** What is ferried, and how it is disturbed. */
export interface Sweep {
  readonly fault: Fault;
  readonly run: MemoryRun;
  /** How the host is another one than ours. */
  readonly edits?: () => Edits;
  /** What the host is able to prove; everything unless said otherwise. */
  readonly assurance?: Assurance;
  /** What was ferried of it before, undisturbed. */
  readonly before?: MemoryRun;
  /** Which requests are disturbed, by name; all where this is not given. */
  of?(name: string): boolean;
  /** How many requests, one behind the other, are disturbed; 1 unless said otherwise. */
  readonly times?: number;
  /** Whether all requests of a name are disturbed together; then the ferry may end. */
  readonly always?: boolean;
  /** The name of the last request that is disturbed; what follows is left alone. */
  readonly until?: string;
}

/**
 * Disturbs every request of a ferry in turn, each in a ferry of its own, and returns what came out
 * otherwise than undisturbed: without an error something is missing, twice or another; with an error
 * something is wrong, or another ferry does not mend it; or there is an error without need.
 */
export async function sweep(wanted: Sweep): Promise<readonly string[]> {
  const { fault, run, before, edits, of, times = 1, always = false, until, assurance = "exact" } =
    wanted;
  return await inScratch(async (scratch) => {
    await using host = await openTestHost(scratch, edits?.());
    const ferry = { host, run, before };
    const { requests, left } = await undisturbed(ferry, assurance);
    const problems: string[] = [];
    const places = placesOf(requests);
    const last = places.findIndex(({ name }) => name === until);
    const disturbable = last === -1 ? places : places.slice(0, last + 1);
    for (const [index, place] of disturbable.entries()) {
      if (of?.(place.name) === false || always && place.number > 0) continue;
      const disturbance = always
        ? { fault, at: ofName(place.name), times: Infinity }
        : { fault, at: from(place), times };
      const disturbed = await ferryDisturbed(ferry, index + 1, disturbance);
      const { outcome } = disturbed;
      const found = arrived(outcome)
        ? differences(left, disturbed.left)
        : inventions(left, disturbed.left);
      if (!arrived(outcome) && !(always || isFinal(fault, place))) {
        found.push(outcome.error?.message ?? JSON.stringify(outcome));
      }
      if (!arrived(outcome) && !isTold(outcome)) found.push(JSON.stringify(outcome));
      found.push(...differences(left, disturbed.healed));
      problems.push(...found.map((text) => `${place.name} (${place.number}): ${text}`));
    }
    return problems;
  });
}

/** Whether the report says what is missing, and what to do about it. */
function isTold({ error, losses }: Outcome): boolean {
  if (error === undefined) return losses.length > 0;
  return error.code !== "internal" && (error.code === "cancelled" || error.hint !== undefined);
}

/** Says yes to every request of a name. */
function ofName(name: string): (request: ProxiedRequest) => boolean {
  return (request) => nameOfRequest(request) === name;
}

/** Says yes to a request and all behind it. */
function from({ name, number }: Where): (request: ProxiedRequest) => boolean {
  let seen = 0;
  return (request) => {
    if (seen <= number && nameOfRequest(request) === name) seen++;
    return seen > number;
  };
}

/** What is ferried where. */
interface Ferry {
  readonly host: TestHost;
  readonly run: MemoryRun;
  readonly before: MemoryRun | undefined;
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
  readonly times: number;
}

/** Whether the report says that everything is there. */
function arrived({ error, losses, differences }: Outcome): boolean {
  return error === undefined && losses.length === 0 && differences.length === 0;
}

/** Ferries the run through a proxy into a project where nothing is, or what was ferried before. */
async function ferryDisturbed(
  { host, run, before }: Ferry,
  number: number,
  { fault, at, times }: Disturbance,
): Promise<Ferried> {
  const cancel = new AbortController();
  let healing = false;
  await using proxy = await openFaultProxy({
    target: host.url,
    fault,
    times,
    at: (request) => {
      if (healing || !at(request)) return false;
      // Nobody waits a minute here: a user who sees it hanging presses Ctrl-C.
      if (fault === "hang") setImmediate(() => cancel.abort());
      return true;
    },
  });
  if (before !== undefined) {
    const { error } = await ferryTo(host.url, number, patientContext(proxy), before);
    assert.equal(error, undefined);
  }
  const outcome = await ferryTo(proxy.url, number, patientContext(proxy, cancel.signal), run);
  const requests = [...proxy.requests];
  // Whoever gives up leaves requests behind that still arrive.
  await proxy.close();
  await host.settled();
  const left = await host.heldFacts(number);
  if (arrived(outcome)) return { outcome, requests, left, healed: left };
  healing = true;
  await proxy.restore();
  const second = await ferryTo(proxy.url, number, patientContext(proxy), run);
  assert.equal(second.error, undefined);
  return { outcome, requests, left, healed: await host.heldFacts(number) };
}

async function undisturbed(ferry: Ferry, assurance: Assurance): Promise<Ferried> {
  const ferried = await ferryDisturbed(ferry, 0, { fault: "drip", at: () => false, times: 0 });
  assert.ok(arrived(ferried.outcome), JSON.stringify(ferried.outcome));
  assert.equal(ferried.outcome.assurance, assurance);
  return ferried;
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
