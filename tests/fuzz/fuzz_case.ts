import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { archive } from "../../adapters/destinations/archive/destination.ts";
import { sources } from "../../adapters/mod.ts";
import { plan } from "../../src/sync/plan.ts";
import { silentProgress } from "../silent_progress.ts";
import { transfer } from "../../src/sync/transfer.ts";
import { testContext } from "../contract/context.ts";
import { Dice } from "../generate/dice.ts";
import { filesBelow, mutateTree } from "./mutate_tree.ts";
import { fixtureUnits, type Unit, unitName } from "./units.ts";

/** What lies beside every run and must never be read. */
export const secret = "the secret that lies beside the run";

/** One mutated run. */
export interface FuzzCase {
  /** The directory to read; the only other thing beside it is the secret. */
  readonly path: string;
  /** Where it came from and what was done to it, in order. */
  readonly story: readonly string[];
}

const units = fixtureUnits();
/** The most mutations of one case. */
const most = 4;

/**
 * Makes the case of a seed below an existing, empty directory. `keep` tells which of its mutations
 * to make, so that a find can be reduced to those that matter.
 */
export async function makeCase(
  seed: number,
  directory: string,
  keep: (mutation: number) => boolean = () => true,
): Promise<FuzzCase> {
  const dice = new Dice(seed);
  const unit = dice.pick(units);
  const path = join(directory, "place");
  mkdirSync(path);
  writeFileSync(join(directory, "secret"), secret);
  await lay(unit, path);
  const story = [unitName(unit)];
  const count = 1 + dice.below(most);
  for (let mutation = 0; mutation < count; mutation++) {
    const own = new Dice(dice.below(2 ** 32));
    const folder = own.pick(units).path;
    if (!keep(mutation)) continue;
    const what = mutateTree(path, own, join(folder, own.pick(filesBelow(folder))));
    if (what !== undefined) story.push(what);
  }
  return { path, story };
}

/** Lays out a copy of a unit, or an archive of it. */
async function lay(unit: Unit, path: string): Promise<void> {
  const copy = join(path, basename(unit.path));
  if (!unit.archived) {
    cpSync(unit.path, copy, { recursive: true, verbatimSymlinks: true });
    return;
  }
  const context = testContext();
  const excluded = { console: false, media: false };
  const options = { excluded, recheck: false, context, progress: silentProgress };
  for await (const found of plan([unit.path], sources, context, { cwd: "." })) {
    if (found.type !== "run") continue;
    const source = sources.find(({ name }) => name === found.ref.source);
    if (source === undefined) continue;
    await using reader = await source.open(found.ref, context);
    await transfer(reader, [archive(path)], options);
  }
}
