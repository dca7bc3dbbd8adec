/** `npm start`: ferries the example runs into ./archive with the binary, verifies it, says what next. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const runferry = join("dist", "runferry");

/** The fixtures that no one damaged on purpose: a folder for each version of each tracker. */
function examples(): readonly string[] {
  return ["swanlab", "wandb"].flatMap((tracker) =>
    readdirSync(join("tests", "fixtures", tracker))
      .filter((version) => /^\d/.test(version))
      .map((version) => join("tests", "fixtures", tracker, version))
  );
}

function runferryWith(...options: readonly string[]): number {
  process.stdout.write(`\n$ ${runferry} ${options.map(short).join(" ")}\n`);
  return spawnSync(runferry, options, { stdio: "inherit" }).status ?? 1;
}

function short(option: string): string {
  return option;
}

const sent = runferryWith("sync", ...examples(), "--to", "archive");
const verified = sent === 0 ? runferryWith("verify", "archive") : sent;
process.stdout.write(`
Try next:
  ${runferry} ls archive
  ${runferry} show tests/fixtures/wandb/0.31.0/basic
  ${runferry} cat tests/fixtures/swanlab/0.10.3/media | head
  ${runferry} --help
`);
process.exitCode = verified;
