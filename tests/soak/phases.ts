import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../crash/program.ts";
import { RandomDeaths } from "../crash/random_deaths.ts";
import { writeSmallRun } from "../crash/small_run.ts";
import { loadCopies } from "../simulator/copies.ts";
import { programsNeeded, simulate } from "../simulator/simulate.ts";
import { Campaign } from "./campaign.ts";

/** One step of a phase: what happened, and what is wrong. */
export interface Step {
  readonly counts: { readonly [what: string]: number };
  readonly problems: readonly string[];
}

/** Plays one seed in an empty directory, until about so many ms of `performance.now`. */
export type Play = (seed: number, directory: string, until: number) => Promise<Step>;

/** One way to look for what gets lost. */
export interface Phase {
  /** Share of the time. */
  readonly share: number;
  /** @param folder for what all steps need. */
  begin(folder: string): Promise<Play>;
}

const campaignMs = 20_000;
/** How long everything stands still at the end of every so many-th campaign. */
const haltMs = 60_000;
const haltEvery = 5;
/** Histories in one step of the simulator. */
const histories = 500;
const rows = 30;

/** The phases of a soak, by the name that `--only` takes. */
export const phases: { readonly [name: string]: Phase } = {
  campaigns: {
    share: 0.8,
    begin: () =>
      Promise.resolve((seed, directory, end) => {
        const until = Math.min(end, performance.now() + campaignMs);
        const halt = seed % haltEvery === 0 ? { halt: haltMs } : {};
        return new Campaign({ directory, seed, until, runs: 12, ...halt }).play();
      }),
  },
  crash: {
    share: 0.1,
    begin(folder): Promise<Play> {
      const programs = { patient: compile(folder, "patient"), dying: compile(folder, "dying") };
      const run = writeSmallRun(folder, { rows, ended: true });
      const scratch = join(folder, "scratch");
      mkdirSync(scratch);
      const deaths = new RandomDeaths(scratch, programs, run);
      return Promise.resolve(async (seed) => ({
        counts: { "pairs of deaths": 1 },
        problems: await deaths.play(seed),
      }));
    },
  },
  simulator: {
    share: 0.1,
    async begin(folder): Promise<Play> {
      const programs = await loadCopies(folder, programsNeeded);
      return async (seed) => {
        const broken = await simulate(programs, { seed, histories });
        return { counts: { histories }, problems: broken === undefined ? [] : [broken] };
      };
    },
  },
};
