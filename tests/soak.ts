/**
 * `npm run soak -- --minutes N [--seed S] [--keep DIR]`: campaigns of random trouble, one after
 * another, with the binary: runs are written, killed, resumed, ferried, followed and deleted while
 * processes, hosts and requests die. At the end of each, and at each deletion, everything that was
 * logged has to be at the host and in the archive, once. Exits with 1 if something is not.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Campaign } from "./soak/campaign.ts";

const campaignMs = 40_000;

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string" },
    seconds: { type: "string", default: String(campaignMs / 1000) },
  },
});

const first = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
const start = performance.now();
const end = start + Number(options.minutes) * 60_000;
const totals = new Map<string, number>();
let failed = 0;
let campaigns = 0;
process.stdout.write(`seeds from ${first} on, for ${options.minutes} minutes\n`);
while (performance.now() < end) {
  const seed = first + campaigns++;
  const directory = mkdtempSync(join(tmpdir(), `runferry-soak-${seed}-`));
  const until = Math.min(end, performance.now() + Number(options.seconds) * 1000);
  const { counts, problems } = await new Campaign({ directory, seed, until, runs: 12 }).play();
  for (const [what, count] of Object.entries(counts)) {
    totals.set(what, (totals.get(what) ?? 0) + count);
  }
  if (problems.length === 0) {
    process.stdout.write(`seed ${seed}: ${counts["deleted"] ?? 0} deleted, nothing lost\n`);
    rmSync(directory, { recursive: true });
    continue;
  }
  failed++;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "problems.txt"), `${problems.join("\n")}\n`);
  process.stdout.write(
    `seed ${seed}: FAILED, kept in ${directory}\n${problems.join("\n").slice(0, 3000)}\n`,
  );
}
for (const [what, count] of [...totals].sort()) process.stdout.write(`  ${count} ${what}\n`);
const minutes = Math.round((performance.now() - start) / 6000) / 10;
process.stdout.write(
  `soak: ${minutes} minutes, ${campaigns} campaigns, ` +
    (failed === 0 ? "nothing lost\n" : `${failed} FAILED\n`),
);
process.exitCode = failed === 0 ? 0 : 1;
