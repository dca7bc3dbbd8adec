/**
 * `npm run soak -- --minutes N [--seed S] [--only PHASE]`: looks for what gets lost, doubled or
 * deleted unproven, a new seed each time. The phase `campaigns` has the binary at work while runs
 * are written, killed and resumed, and processes, hosts and requests die; at the end of each, and at
 * each deletion, everything that was logged has to be at the host and in the archive, once. `crash`
 * kills the program, or cuts its power, at any change of the file system; `simulator` plays
 * histories in memory. Exits with 1 if something was found; its evidence is kept.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Phase, phases } from "./soak/phases.ts";

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string" },
    only: { type: "string" },
  },
});

const firstSeed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
const totals = new Map<string, number>();
let failed = 0;

/** Plays one seed after another, at least one, until the time is over. */
async function soak(name: string, { begin }: Phase, until: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `runferry-soak-${name}-`));
  const play = await begin(folder);
  let seed = firstSeed;
  do {
    const directory = mkdtempSync(join(tmpdir(), `runferry-soak-${seed}-`));
    const { counts, problems } = await play(seed, directory, until);
    for (const [what, count] of Object.entries(counts)) {
      totals.set(what, (totals.get(what) ?? 0) + count);
    }
    if (problems.length === 0) rmSync(directory, { recursive: true, force: true });
    else keep(`${name}, seed ${seed}`, directory, problems);
    if (name === "campaigns") {
      const found = problems.length === 0 ? "nothing lost" : "FAILED";
      process.stdout.write(`seed ${seed}: ${counts["deleted"] ?? 0} deleted, ${found}\n`);
    }
    seed++;
  } while (performance.now() < until);
  totals.set(`seeds of ${name}`, seed - firstSeed);
  rmSync(folder, { recursive: true, force: true });
}

function keep(title: string, directory: string, problems: readonly string[]): void {
  failed++;
  mkdirSync(directory, { recursive: true });
  const text = problems.join("\n");
  writeFileSync(join(directory, "problems.txt"), `${text}\n`);
  process.stdout.write(`FAILED ${title}, kept in ${directory}\n${text.slice(0, 3000)}\n`);
}

const chosen = Object.entries(phases)
  .filter(([name]) => options.only === undefined || options.only === name);
if (chosen.length === 0) throw new Error(`--only takes ${Object.keys(phases).join(", ")}`);
process.stdout.write(`seeds from ${firstSeed} on, for ${options.minutes} minutes\n`);
const began = performance.now();
const shares = chosen.reduce((sum, [, { share }]) => sum + share, 0);
let until = began;
for (const [name, phase] of chosen) {
  until += Number(options.minutes) * 60_000 * phase.share / shares;
  await soak(name, phase, until);
}
for (const [what, count] of [...totals].sort()) process.stdout.write(`  ${count} ${what}\n`);
const minutes = Math.round((performance.now() - began) / 6000) / 10;
const found = failed === 0 ? "nothing lost" : `${failed} FAILED`;
process.stdout.write(`soak: ${minutes} minutes, seeds from ${firstSeed} on, ${found}\n`);
process.exit(failed === 0 ? 0 : 1);
