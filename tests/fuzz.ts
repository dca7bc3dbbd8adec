/**
 * `npm run fuzz -- --seconds N [--seed S] [--keep DIR]`: mutates real runs and reads them. A find is
 * an error that is not meant for the user, a broken promise, more than 20 seconds, or more than
 * 200 MB; it is made again in a fresh process, reduced to the mutations that matter, and kept.
 * `--only S` examines the one case of a seed. Exits with 1 if anything was found.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Examiner, type Verdict } from "./fuzz/examiner.ts";

const allMutations = 0b1111;
/** A process is replaced after as many cases, so that garbage of old ones is not counted. */
const casesPerProcess = 100;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    only: { type: "string" },
    keep: { type: "string", default: "fuzz.tmp" },
  },
});

interface Find {
  readonly seed: number;
  readonly mask: number;
  readonly verdict: Verdict;
}

/** Examines one case in a process of its own. */
async function alone(seed: number, mask: number, keep?: string): Promise<Verdict> {
  await using examiner = new Examiner();
  return await examiner.examine({ seed, mask, ...(keep === undefined ? {} : { keep }) });
}

/** Leaves out every mutation without which the case still fails. */
async function reduced(seed: number, verdict: Verdict): Promise<Find> {
  let find: Find = { seed, mask: allMutations, verdict };
  for (let bit = 1; bit <= allMutations; bit <<= 1) {
    const mask = find.mask & ~bit;
    const verdict = await alone(seed, mask);
    if (verdict.problem !== undefined) find = { seed, mask, verdict };
  }
  return find;
}

/** Two finds are the same when they fail alike in the same place. */
function kindOf({ problem = "" }: Verdict): string {
  const lines = problem.split("\n").map((line) => line.replace(/\d+/g, "0").trim());
  return [lines[0], ...lines.filter((line) => line.startsWith("at ")).slice(0, 2)].join(" ");
}

const seen = new Map<string, number>();

/** Makes a failed case again, reduces it and keeps it, unless its like was kept before. */
async function keep(seed: number, first: Verdict): Promise<void> {
  const verdict = await alone(seed, allMutations);
  if (verdict.problem === undefined) {
    process.stdout.write(`seed ${seed}: only in company: ${first.problem?.split("\n")[0]}\n`);
    return;
  }
  const kind = kindOf(verdict);
  seen.set(kind, (seen.get(kind) ?? 0) + 1);
  if (seen.get(kind) !== 1) return;
  const find = await reduced(seed, verdict);
  const directory = join(options.keep, `${seed}`);
  mkdirSync(directory, { recursive: true });
  await alone(seed, find.mask, join(directory, "place"));
  writeFileSync(join(directory, "find.json"), `${JSON.stringify(find, undefined, 2)}\n`);
  process.stdout.write(
    `\nFOUND seed ${seed}, kept in ${directory}\n  ${find.verdict.story.join("\n  ")}\n` +
      `${find.verdict.problem}\n\n`,
  );
}

/** Examines cases one after another until the time is over. */
async function run(first: number, end: number): Promise<number> {
  let cases = 0;
  while (performance.now() < end) {
    await using examiner = new Examiner();
    for (let turn = 0; turn < casesPerProcess && performance.now() < end; turn++) {
      const seed = first + cases++;
      const verdict = await examiner.examine({ seed, mask: allMutations });
      if (verdict.problem === undefined) continue;
      await keep(seed, verdict);
      break;
    }
  }
  return cases;
}

if (options.only !== undefined) {
  const verdict = await alone(Number(options.only), allMutations);
  process.stdout.write(`${verdict.story.join("\n")}\n${verdict.problem ?? "nothing found"}\n`);
  process.exitCode = verdict.problem === undefined ? 0 : 1;
} else {
  const first = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
  const seconds = Number(options.seconds);
  process.stdout.write(`seeds from ${first} on, for ${seconds} s\n`);
  const cases = await run(first, performance.now() + seconds * 1000);
  const found = [...seen.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${cases} cases, ${found} failed in ${seen.size} ways\n`);
  process.exitCode = found === 0 ? 0 : 1;
}
