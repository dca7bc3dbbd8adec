import fc from "fast-check";
import type { Program } from "./copies.ts";
import { type History, history } from "./history.ts";
import { World } from "./world.ts";

/** How many copies of the program histories need. */
export const programsNeeded = 3;

/** Which histories are played. */
export interface Simulation {
  readonly seed: number;
  readonly histories: number;
  /** Where a failure is, as a failure tells it. */
  readonly path?: string;
}

/**
 * Plays histories and returns what broke a promise first: the seed, the shortest history that does,
 * and which promise; undefined when nothing did.
 */
export async function simulate(
  programs: readonly Program[],
  { seed, histories, path }: Simulation,
): Promise<string | undefined> {
  const property = fc.asyncProperty(history, (each) => play(programs, each));
  const details = await fc.check(property, {
    seed,
    numRuns: histories,
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) return undefined;
  const { counterexamplePath, counterexample, errorInstance } = details;
  const [shortest] = counterexample ?? [];
  return [
    `seed ${seed}, path ${counterexamplePath}:`,
    JSON.stringify(shortest, undefined, 1),
    errorInstance instanceof Error ? errorInstance.stack : String(errorInstance),
  ].join("\n");
}

/** Plays one history to its end, and what comes after it. */
async function play(programs: readonly Program[], played: History): Promise<void> {
  const world = new World(programs, played);
  for (const command of played.commands) await world.happen(command);
  await world.end();
}
