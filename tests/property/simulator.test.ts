import assert from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { inScratch } from "../contract/scratch.ts";
import { loadCopies } from "../simulator/copies.ts";
import { programsNeeded, simulate } from "../simulator/simulate.ts";

/** Set to look for more than is found each time, or to play a failure again. */
const {
  SIMULATOR_HISTORIES: histories = "10000",
  SIMULATOR_SEED: seed = "1",
  SIMULATOR_PATH: path,
} = process.env;

test(
  "nothing is lost, doubled, or deleted unproven in any history",
  { timeout: 600_000 },
  async () => {
    await inScratch(async (folder) => {
      const broken = await simulate(await loadCopies(folder, programsNeeded), {
        seed: Number(seed),
        histories: Number(histories),
        ...(path === undefined ? {} : { path }),
      });
      assert.equal(broken ?? "every promise was kept", "every promise was kept");
    });
  },
);
