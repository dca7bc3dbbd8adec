import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { pool } from "../../src/sync/pool.ts";
import { binary, finished } from "../e2e/binary.ts";
import { type FaultOptions, openFaultProxy, type ProxiedRequest } from "../faults/fault_proxy.ts";
import { nameOfRequest } from "../faults/ferried_run.ts";
import {
  type CrashReport,
  jobs,
  openPlace,
  type Programs,
  recovered,
  strides,
  undisturbed,
} from "./crash_sweep.ts";
import type { Facts } from "../interop/facts.ts";
import type { Journey } from "./place.ts";

/** When the program is killed: before the host sees a request, while it works on it, or behind it. */
export type Moment = "asked" | "done" | "answered";

/** How a journey to a host is disturbed. */
export interface RequestSweep {
  readonly journey: Journey;
  readonly programs: Programs;
  readonly moment: Moment;
  /** It dies at every so many-th request; 1 for each. */
  readonly every: number;
}

/**
 * Kills the real program at every request that it sends, starts it again each time, and returns
 * what came out otherwise than undisturbed, one line for each difference.
 */
export async function requestSweep(scratch: string, sweep: RequestSweep): Promise<CrashReport> {
  const { journey, programs, every } = sweep;
  const { expected, requests } = await undisturbed(scratch, journey, programs.dying);
  const problems: string[] = [];
  let crashes = 0;
  const results = pool(
    strides(requests, every),
    jobs,
    (number) => killOnce(scratch, { ...sweep, expected, index: number - 1 }),
  );
  for await (const found of results) {
    if (found !== undefined) crashes++;
    problems.push(...found ?? []);
  }
  return { crashes, problems };
}

/** One death at a request, counted from 0. */
interface Kill extends RequestSweep {
  readonly expected: Facts;
  readonly index: number;
}

/** What is not as it should be after it; undefined if the program lived to its end. */
async function killOnce(
  scratch: string,
  { journey, programs, moment, expected, index }: Kill,
): Promise<readonly string[] | undefined> {
  await using place = await openPlace(scratch, journey);
  const victim: Victim = {};
  await using proxy = await openFaultProxy({
    target: place.address,
    ...killing(victim, moment, index),
  });
  place.address = proxy.url;
  victim.process = place.start(binary);
  const { code, stderr } = await finished(victim.process);
  if (code !== null) {
    assert.equal(code, 0, stderr);
    return undefined;
  }
  // What was under way when it died still arrives.
  await place.settled();
  const found = [
    ...await place.losses(expected),
    ...await recovered(place, programs.patient, expected, false),
  ];
  return found.map((text) => `${victim.request ?? index}: ${text}`);
}

/** A process that is to be killed, and the request at which it was. */
interface Victim {
  process?: ChildProcess;
  request?: string;
}

function killing(
  victim: Victim,
  moment: Moment,
  index: number,
): Pick<FaultOptions, "at" | "fault" | "answered"> {
  const kill = (request: ProxiedRequest): boolean => {
    if (request.index !== index || victim.request !== undefined) return false;
    victim.request = `${index} ${nameOfRequest(request)}`;
    victim.process?.kill("SIGKILL");
    return true;
  };
  if (moment === "answered") return { answered: kill };
  // It is dead by now, so that in either case it never hears of an answer.
  return { at: kill, fault: moment === "asked" ? "reset before" : "reset after" };
}
