import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import type { Input } from "../../../src/cli/input.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { fakeShell, pipedInput } from "./fake_shell.ts";

const fixture = "tests/fixtures/wandb/0.22.0/basic/offline-run-20261123_081011-fxbasic1";

/** Somebody at a terminal who gives this answer, and keeps the questions. */
function answering(answer: boolean, questions: string[]): Input {
  return {
    ...pipedInput(),
    interactive: true,
    confirm(question): Promise<boolean> {
      questions.push(question);
      return Promise.resolve(answer);
    },
  };
}

for (const answer of [true, false]) {
  test(`somebody who says ${answer ? "yes" : "no"} is asked once, and obeyed`, () =>
    inScratch(async (directory) => {
      mkdirSync(join(directory, "wandb"));
      const run = copyInto(join(directory, "wandb"), fixture);
      const questions: string[] = [];
      const shell = fakeShell({
        cwd: directory,
        home: directory,
        now: () => Date.parse("2100-01-01"),
        stdin: answering(answer, questions),
      });
      const to = ["--to", join(directory, "archive")];
      assert.equal(await buildProgram(shell).run(["sync", "wandb", ...to]), 0);
      assert.equal(await buildProgram(shell).run(["clean", "wandb", ...to]), 0);
      assert.equal(existsSync(run), !answer);
      assert.equal(questions.length, 1);
      assert.match(questions[0] ?? "", /^Delete a run directory \(\d.*B\)\?$/);
      const word = answer ? "deleted" : "kept";
      assert.match(shell.stdout.text, new RegExp(`would go .*${basename(run)}`));
      assert.match(shell.stdout.text, new RegExp(`${word} .*${basename(run)}`));
    }));
}

test("how to clean is not said without saying that", () =>
  inScratch(async (directory) => {
    const shell = fakeShell({ cwd: directory, home: directory });
    for (const words of [["--keep", "3"], ["--min-age", "1d"], ["--trash", "t"]]) {
      const sync = buildProgram(shell).run(["sync", "--to", "a", ...words]);
      await assert.rejects(sync, /need --clean/);
    }
  }));

test("nobody is asked when nothing may go", () =>
  inScratch(async (directory) => {
    mkdirSync(join(directory, "wandb"));
    const run = copyInto(join(directory, "wandb"), fixture);
    const questions: string[] = [];
    const shell = fakeShell({
      cwd: directory,
      home: directory,
      stdin: answering(true, questions),
    });
    const words = ["clean", "wandb", "--to", join(directory, "archive")];
    assert.notEqual(await buildProgram(shell).run(words), 0);
    assert.deepEqual(questions, []);
    assert.ok(existsSync(run));
  }));
