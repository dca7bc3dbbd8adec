import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { binary } from "../e2e/binary.ts";
import { inScratch } from "../contract/scratch.ts";
import { crashSweep, type Programs } from "./crash_sweep.ts";
import type { Journey } from "./place.ts";
import type { Leaving } from "./power_cut.ts";
import { compile } from "./program.ts";
import { type Moment, requestSweep } from "./request_sweep.ts";
import { RandomDeaths } from "./random_deaths.ts";
import { writeSmallRun } from "./small_run.ts";

const folder = mkdtempSync(join(tmpdir(), "runferry-crash-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const programs: Programs = {
  patient: compile(folder, "patient"),
  dying: compile(folder, "dying"),
};
const run = writeSmallRun(folder, { rows: 30, ended: true });

/** What is done, where to. */
type Errand = Pick<Journey, "command" | "to">;

const archived: Errand = { command: ["sync"], to: ["archive"] };
const sent: Errand = { command: ["sync", "--exact"], to: ["host"] };
const both: Errand = { command: ["sync", "--exact"], to: ["archive", "host"] };
const cleaned: Errand = { command: ["sync", "--clean"], to: ["archive"] };
const cleanedBoth: Errand = { command: ["sync", "--clean", "--exact"], to: ["archive", "host"] };
const watched: Errand = { command: ["watch", "--once"], to: ["archive", "host"] };

/** What happens, before every so many-th change; fewer deaths would mean that it does not happen. */
interface Row {
  readonly errand: Errand;
  readonly leaving?: Leaving;
  readonly every: number;
  readonly deaths: number;
}

const lost: Leaving = { names: 0, zeros: false };
const zeroed: Leaving = { names: 1, zeros: true };
const mixed: Leaving = { names: 0.5, zeros: true };

const rows: readonly Row[] = [
  { errand: archived, every: 1, deaths: 30 },
  { errand: archived, leaving: lost, every: 1, deaths: 30 },
  { errand: archived, leaving: zeroed, every: 2, deaths: 15 },
  { errand: sent, every: 2, deaths: 8 },
  { errand: both, every: 1, deaths: 45 },
  { errand: both, leaving: mixed, every: 4, deaths: 11 },
  { errand: cleaned, every: 1, deaths: 55 },
  { errand: cleaned, leaving: lost, every: 2, deaths: 27 },
  { errand: cleaned, leaving: mixed, every: 1, deaths: 55 },
  { errand: watched, every: 5, deaths: 12 },
];

function wayOf({ leaving }: Row): string {
  if (leaving === undefined) return "is killed";
  if (leaving === lost) return "loses all that it did not sync";
  return leaving === zeroed
    ? "loses content that it did not sync"
    : "loses some that it did not sync";
}

describe("a program that dies at any change of the file system", () => {
  for (const row of rows) {
    const { errand: { command, to }, leaving, every, deaths } = row;
    test(`and ${wayOf(row)} does all in the end: ${command.join(" ")} to ${to.join(" and ")}`, () =>
      inScratch(async (scratch) => {
        const disturbed = { every, ...(leaving === undefined ? {} : { leaving }) };
        const journey = { command, to, run };
        const report = await crashSweep(scratch, { journey, programs, ...disturbed });
        assert.deepEqual(report.problems, []);
        assert.ok(report.crashes >= deaths, `${report.crashes} deaths`);
      }));
  }
});

test("a program that dies by chance, and once more when it is started again, does all in the end", () =>
  inScratch(async (scratch) => {
    const deaths = new RandomDeaths(scratch, programs, run);
    for (let seed = 1; seed <= 15; seed++) assert.deepEqual(await deaths.play(seed), []);
  }));

/** When it is killed, at every so many-th request; fewer deaths would mean that it is not. */
interface RequestRow {
  readonly moment: Moment;
  readonly errand: Errand;
  readonly every: number;
  readonly deaths: number;
  /** What is ferried, if not the usual run. */
  readonly run?: string;
}

/** So many points of each key that they do not fit into one request. */
const long = writeSmallRun(join(folder, "long"), { rows: 3000, ended: true });

const requestRows: readonly RequestRow[] = [
  { moment: "asked", errand: sent, every: 3, deaths: 10 },
  { moment: "done", errand: sent, every: 1, deaths: 30 },
  { moment: "answered", errand: sent, every: 3, deaths: 10 },
  { moment: "done", errand: both, every: 1, deaths: 30 },
  { moment: "done", errand: sent, every: 5, deaths: 6, run: long },
  { moment: "done", errand: cleanedBoth, every: 4, deaths: 7 },
  { moment: "done", errand: watched, every: 9, deaths: 3 },
];

const moments = {
  asked: "before the host sees it",
  done: "while the host works on it",
  answered: "once it is answered",
} as const;

describe("the program, killed at any request", () => {
  for (const row of requestRows) {
    const { moment, errand: { command, to }, every, deaths } = row;
    const what = row.run === undefined ? "a run" : "a long run";
    test(`${moments[moment]}, does all in the end: ${command.join(" ")} of ${what} to ${to.join(" and ")}`, () =>
      inScratch(async (scratch) => {
        const journey = { command, to, run: row.run ?? run };
        const report = await requestSweep(scratch, { journey, programs, moment, every });
        assert.deepEqual(report.problems, []);
        assert.ok(report.crashes >= deaths, `${report.crashes} deaths`);
      }));
  }

  test("does all in the end also when it waits as long as it has to", () =>
    inScratch(async (scratch) => {
      const waiting = { ...programs, patient: binary };
      const { command, to } = sent;
      const sweep = { journey: { command, to, run }, programs: waiting, moment: "done" } as const;
      const report = await requestSweep(scratch, { ...sweep, every: 11 });
      assert.deepEqual(report.problems, []);
      assert.equal(report.crashes, 3);
    }));
});
