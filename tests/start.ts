/** `npm start`: ferries the example runs into ./archive with the binary, verifies it, says what next. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const runferry = join("dist", "runferry");
/** Exit code of a sync that ferried damaged runs as far as they can be read. */
const partial = 3;

/** The fixtures that no one damaged on purpose: a folder for each version of each tracker. */
function examples(): readonly string[] {
  return ["swanlab", "wandb"].flatMap((tracker) =>
    readdirSync(join("tests", "fixtures", tracker))
      .filter((version) => /^\d/.test(version))
      .map((version) => join("tests", "fixtures", tracker, version))
  );
}

/** Runs the binary as the user would, and returns its exit code. */
function run(options: readonly string[], shown: string): number {
  process.stdout.write(`\n$ ${runferry} ${shown}\n`);
  return spawnSync(runferry, options, { stdio: "inherit" }).status ?? 1;
}

const to = ["--to", "archive"];
const sent = run(["sync", ...examples(), ...to], "sync tests/fixtures/*/[0-9]* --to archive");
const verified = run(["verify", "archive"], "verify archive");
process.stdout.write(`
Some of these runs were left damaged by the clients that wrote them; the report names what is lost.
Try next:
  ${runferry} ls archive
  ${runferry} show tests/fixtures/wandb/0.31.0/basic
  ${runferry} cat tests/fixtures/swanlab/0.10.3/media | head
  ${runferry} --help
`);
process.exitCode = sent === 0 || sent === partial ? verified : sent;
