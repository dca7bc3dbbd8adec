import assert from "node:assert/strict";
import { existsSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../../src/cli/exit.ts";
import { pool } from "../../src/sync/pool.ts";
import type { Finished } from "../e2e/binary.ts";
import type { Facts } from "../interop/facts.ts";
import { type Death, differences, type Journey, Place } from "./place.ts";
import type { Leaving } from "./power_cut.ts";

/** The executables that `compile` makes. */
export interface Programs {
  /** Does all that it has to; it need not wait for it. */
  readonly patient: string;
  /** Dies as it was planned. */
  readonly dying: string;
}

/** How a journey is disturbed. */
export interface CrashSweep {
  readonly journey: Journey;
  readonly programs: Programs;
  /** What a power cut leaves; undefined when only the process is killed. */
  readonly leaving?: Leaving;
  /** It dies before every so many-th change; 1 for each. */
  readonly every: number;
}

/** What became of a sweep. */
export interface CrashReport {
  readonly crashes: number;
  readonly problems: readonly string[];
}

/** Places that are worked on side by side. */
export const jobs = 2;

/**
 * Has the program die before every change that it makes to the file system, starts it again each
 * time, and returns what came out otherwise than undisturbed, one line for each difference.
 */
export async function crashSweep(scratch: string, sweep: CrashSweep): Promise<CrashReport> {
  const { journey, programs, leaving, every } = sweep;
  const { expected, changes } = await undisturbed(scratch, journey, programs.dying);
  const problems: string[] = [];
  let crashes = 0;
  const results = pool(strides(changes, every), jobs, (at) => {
    const death = { at, ...(leaving === undefined ? {} : { leaving }) };
    return crashOnce(scratch, { journey, programs, expected, deaths: [death] });
  });
  for await (const found of results) {
    if (found !== undefined) crashes++;
    problems.push(...found ?? []);
  }
  return { crashes, problems };
}

/** Every so many-th number from 1 to `last`. */
export function strides(last: number, every: number): readonly number[] {
  return Array.from({ length: Math.ceil(last / every) }, (_, at) => 1 + at * every);
}

/** A journey on which the program dies, perhaps once more when it is started again. */
export interface Crash {
  readonly journey: Journey;
  readonly programs: Programs;
  readonly deaths: readonly Death[];
  /** What there is at the end of an undisturbed journey. */
  readonly expected: Facts;
}

/** What is not as it should be after that; undefined if the program lived to its end at once. */
export async function crashOnce(
  scratch: string,
  { journey, programs, deaths, expected }: Crash,
): Promise<readonly string[] | undefined> {
  await using place = await openPlace(scratch, journey);
  const last: string[] = [];
  const found: string[] = [];
  for (const death of deaths) {
    const finished = await place.go(programs.dying, death);
    if (finished.code !== null) {
      assert.ok(isWell(place, finished), finished.stderr);
      break;
    }
    // What was under way when it died still arrives.
    await place.settled();
    last.push(place.changes.at(-1) ?? "");
    found.push(...await place.losses(expected));
  }
  if (last.length === 0) return undefined;
  const mayLeave = deaths.some(({ leaving }) => leaving !== undefined);
  found.push(...await recovered(place, programs.patient, expected, mayLeave));
  return found.map((text) => `${last.join(", then ")}: ${text}`);
}

/** Opens a place that is gone with all that is in it once it is disposed. */
export async function openPlace(scratch: string, journey: Journey): Promise<Place> {
  return await Place.open(mkdtempSync(join(scratch, "place-")), journey);
}

/** What a journey comes to when nothing happens, and how many chances there are that it does. */
export interface Undisturbed {
  readonly expected: Facts;
  readonly changes: number;
  readonly requests: number;
}

/** Goes on a journey in peace. */
export async function undisturbed(
  scratch: string,
  journey: Journey,
  program: string,
): Promise<Undisturbed> {
  await using place = await openPlace(scratch, journey);
  const { code, stdout, stderr } = await place.go(program, {});
  assert.equal(code, 0, stdout + stderr);
  const requests = place.requests.length;
  return { expected: await place.facts(), changes: place.changes.length, requests };
}

/**
 * Runs the program again where it died, twice, and tells what is not as it should be. After a power
 * cut names may be back that were deleted; whoever next writes there deletes them.
 */
export async function recovered(
  place: Place,
  program: string,
  expected: Facts,
  mayLeave: boolean,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const again = await place.go(program);
  if (!isWell(place, again)) problems.push(`the next command: ${again.code} ${again.stderr}`);
  problems.push(
    ...differences(expected, await place.facts())
      .filter((difference) => !mayLeave || !difference.startsWith("leftovers")),
  );
  const unproven = place.journals.filter((type) => type !== "verify" && type !== "clean");
  if (unproven.length > 0) problems.push(`journals end with ${unproven.join(", ")}`);
  const asked = place.requests.length;
  const third = await place.go(program);
  if (!isWell(place, third)) problems.push(`the third command: ${third.code} ${third.stderr}`);
  const more = place.requests.slice(asked).filter((request) => !isGreeting(place, request));
  if (more.length > 0) problems.push(`the third command asks ${more.join(", ")}`);
  return problems;
}

/** Who watches asks first whether there is a host; whoever syncs asks nothing without need. */
function isGreeting({ journey }: Place, request: string): boolean {
  return journey.command[0] === "watch" && request === "POST /api/login/api_key";
}

/** Whether a command did what it could: where the run is deleted, none is found. */
function isWell(place: Place, { code }: Finished): boolean {
  return code === 0 || code === exitCodes.source && !existsSync(place.run);
}
