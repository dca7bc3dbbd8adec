import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../../src/errors.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { copyInto, inScratch, snapshot, tree } from "../../contract/scratch.ts";
import { fakeShell } from "./fake_shell.ts";

const ended = "tests/fixtures/wandb/0.22.0/basic/offline-run-20261123_081011-fxbasic1";

/** How a command ended, its lines of JSON, and what it said besides. */
interface Said {
  readonly exit: number;
  readonly lines: readonly { readonly [field: string]: unknown }[];
  readonly said: string;
}

/** A copy of a run, the place of its mark, and the program beside it. */
interface Place {
  readonly directory: string;
  readonly run: string;
  readonly mark: string;
  runferry(...words: readonly string[]): Promise<Said>;
}

function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    mkdirSync(join(directory, "wandb"));
    const run = copyInto(join(directory, "wandb"), ended);
    await use({
      directory,
      run,
      mark: join(run, "run-fxbasic1.wandb.synced"),
      async runferry(...words): Promise<Said> {
        const shell = fakeShell({
          cwd: directory,
          home: directory,
          now: () => Date.parse("2100-01-01"),
        });
        const exit = await buildProgram(shell).run([
          ...words,
          "--to",
          join(directory, "a"),
          "--json",
        ]);
        const lines = shell.stdout.text.trim().split("\n").map((line) => JSON.parse(line));
        return { exit, lines, said: shell.stderr.text };
      },
    });
  });
}

test("a run that arrived is marked with an empty file, if that is wanted", () =>
  inPlace(async ({ run, mark, runferry }) => {
    const before = snapshot(run).slice(1);
    const unmarked = await runferry("sync", "wandb");
    assert.equal(unmarked.lines[0]?.["marked"], undefined);
    assert.deepEqual(snapshot(run).slice(1), before);
    const { lines } = await runferry("sync", "wandb", "--mark-synced");
    assert.equal(lines[0]?.["marked"], true);
    assert.equal(readFileSync(mark, "utf8"), "");
    assert.deepEqual(snapshot(run).slice(1).filter((line) => !line.includes(".synced ")), before);
  }));

test("a run that bears our mark needs nothing from then on, and may still be deleted", () =>
  inPlace(async ({ directory, run, mark, runferry }) => {
    await runferry("sync", "wandb", "--mark-synced");
    assert.ok(existsSync(mark));
    const [name = ""] = tree(join(directory, "a")).filter((path) => path.endsWith(".tar"));
    const tar = join(directory, "a", name);
    // Whoever reads it now cannot.
    renameSync(tar, join(directory, "elsewhere"));
    writeFileSync(tar, "");
    const again = await runferry("sync", "wandb", "--mark-synced");
    assert.deepEqual([again.exit, again.lines[0]?.["status"]], [0, "skipped"]);
    assert.equal(lstatSync(tar).size, 0);
    renameSync(join(directory, "elsewhere"), tar);
    const verified = await runferry("verify", "wandb");
    assert.equal(verified.exit, 0, JSON.stringify(verified.lines));
    await runferry("sync", "wandb", "--clean");
    assert.ok(!existsSync(run));
  }));

test("a run that goes is not marked, and one that stays is", () =>
  inPlace(async ({ directory, run, mark, runferry }) => {
    await runferry("sync", "wandb", "--mark-synced", "--clean", "--keep", "1");
    assert.ok(existsSync(mark));
    const { lines } = await runferry("sync", "wandb", "--mark-synced", "--clean");
    assert.deepEqual([lines[0]?.["cleaned"], lines[0]?.["marked"]], [true, undefined]);
    assert.ok(!existsSync(run));
    assert.deepEqual(tree(join(directory, "wandb")), [""]);
  }));

test("the mark of another tool is part of the run, and stays as it is", () =>
  inPlace(async ({ mark, runferry }) => {
    writeFileSync(mark, "");
    const before = lstatSync(mark).mtimeMs;
    const { lines } = await runferry("sync", "wandb", "--mark-synced");
    assert.equal(lines[0]?.["marked"], true);
    assert.equal(lstatSync(mark).mtimeMs, before);
    assert.equal((await runferry("sync", "wandb")).lines[0]?.["status"], "skipped");
    rmSync(mark);
    assert.equal((await runferry("sync", "wandb")).lines[0]?.["status"], "done");
  }));

test("a link in the place of the mark is not followed", () =>
  inPlace(async ({ directory, mark, runferry }) => {
    symlinkSync(join(directory, "outside"), mark);
    await runferry("sync", "wandb", "--mark-synced");
    assert.ok(!existsSync(join(directory, "outside")));
  }));

const unproven: readonly (readonly [what: string, change: (run: string) => void])[] = [
  ["whose log is cut", (run): void => appendFileSync(join(run, "run-fxbasic1.wandb"), "rest")],
  ["that has no end", (run): void => {
    const log = join(run, "run-fxbasic1.wandb");
    const bytes = readFileSync(log);
    writeFileSync(log, bytes.subarray(0, bytes.length / 2));
  }],
];

for (const [what, change] of unproven) {
  test(`a run ${what} is not marked`, () =>
    inPlace(async ({ run, mark, runferry }) => {
      change(run);
      const { lines } = await runferry("sync", "wandb", "--mark-synced");
      assert.equal(lines[0]?.["marked"], undefined);
      assert.ok(!existsSync(mark));
    }));
}

test("a run is marked only when it is at every destination", () =>
  inPlace(async ({ directory, mark, runferry }) => {
    mkdirSync(join(directory, "b"));
    writeFileSync(join(directory, "b", "fixture-project"), "no folder");
    const words = ["--mark-synced", "--to", join(directory, "b")];
    const { lines } = await runferry("sync", "wandb", ...words);
    assert.deepEqual(lines.map(({ status }) => status).slice(0, 2).sort(), ["done", "failed"]);
    assert.ok(!existsSync(mark));
  }));

test("nothing is marked in a dry run", () =>
  inPlace(async ({ mark, runferry }) => {
    await runferry("sync", "wandb", "--mark-synced", "--dry-run");
    assert.ok(!existsSync(mark));
  }));

test("a mark that cannot be written is told, and the run is done all the same", () =>
  inPlace(async ({ directory, run, runferry }) => {
    // A name too long for a mark beside it is refused to root, too.
    const name = `${"x".repeat(243)}.wandb`;
    renameSync(join(run, "run-fxbasic1.wandb"), join(run, name));
    const { exit, lines, said } = await runferry("sync", "wandb", "--mark-synced");
    assert.deepEqual([exit, lines[0]?.["status"], lines[0]?.["marked"]], [0, "done", undefined]);
    assert.match(said, /Cannot mark .* as synced \(ENAMETOOLONG\), though it has arrived/);
    assert.ok(existsSync(join(directory, "a")));
  }));

for (
  const words of [["--no-console"], ["--no-media"], ["--max-file-size", "1"], ["--end-step", "1"]]
) {
  test(`runs are not marked of which ${words[0]} leaves something out`, () =>
    inPlace(({ runferry }) =>
      assert.rejects(
        runferry("sync", "wandb", "--mark-synced", ...words),
        (error) => error instanceof UsageError && /left out/.test(error.message),
      )
    ));
}
