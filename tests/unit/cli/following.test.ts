import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { execute } from "../../../src/cli/execute.ts";
import { CancelledError } from "../../../src/errors.ts";
import { fixtures, runsBelow } from "../../adapters/swanlab/fixture_runs.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { fakeShell } from "./fake_shell.ts";

describe("sync --follow", () => {
  it("is refused with what cannot be meant", async () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ["--idle 1h", /--idle and --finish-stale need --follow/],
      ["--finish-stale", /--idle and --finish-stale need --follow/],
      ["--follow --dry-run", /--follow cannot be tried with --dry-run/],
      ["--follow --id new", /--follow cannot give a new id/],
    ];
    for (const [words, message] of table) {
      const shell = fakeShell();
      const argv = ["sync", "runs", "--to", "archive", ...words.split(" ")];
      assert.equal(await execute(argv, shell), 2, words);
      assert.match(shell.stderr.text, message);
    }
  });

  it("ends with 0 when all runs have ended or are stale", () =>
    inScratch(async (directory) => {
      const runs = join(directory, "runs");
      mkdirSync(runs);
      copyInto(runs, join(fixtures, "0.9.7", "basic", "swanlog"));
      mkdirSync(join(runs, "stale"));
      const stale = copyInto(join(runs, "stale"), join(fixtures, "0.9.1", "basic", "swanlog"));
      const [ref] = await runsBelow(stale);
      truncateSync(ref?.log ?? "", 600);
      utimesSync(ref?.log ?? "", 1, 1);
      const shell = fakeShell({ cwd: directory, home: directory });
      const words = ["sync", "runs", "--to", join(directory, "archive"), "--follow", "--json"];
      assert.equal(await execute(words, shell), 0, shell.stderr.text);
      const lines = shell.stdout.text.trim().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual(
        new Set(lines.map(({ type, status, stale }) => `${type} ${status} ${stale}`)),
        new Set(["run partial true", "run done undefined", "summary undefined undefined"]),
      );
    }));

  it("deletes with --clean what has ended and arrived, and nothing that has not", () =>
    inScratch(async (directory) => {
      const runs = join(directory, "runs");
      mkdirSync(join(runs, "stale"), { recursive: true });
      const stale = copyInto(join(runs, "stale"), join(fixtures, "0.9.1", "basic", "swanlog"));
      const [old] = await runsBelow(stale);
      truncateSync(old?.log ?? "", 600);
      utimesSync(old?.log ?? "", 1, 1);
      const [ref] = await runsBelow(copyInto(runs, join(fixtures, "0.9.7", "basic", "swanlog")));
      const log = ref?.log ?? "";
      const bytes = readFileSync(log);
      truncateSync(log, 600);
      let isWhole = false;
      const shell = fakeShell({
        cwd: directory,
        home: directory,
        // What is from the future is not deleted.
        now: () => 1_900_000_000_000,
        sleep(): Promise<void> {
          if (!isWhole) appendFileSync(log, bytes.subarray(600));
          isWhole = true;
          return Promise.resolve();
        },
      });
      const words = ["sync", "runs", "--to", join(directory, "archive"), "--follow", "--clean"];
      assert.equal(await execute([...words, "--idle", "9999d", "--json"], shell), 0);
      assert.deepEqual([existsSync(ref?.path ?? ""), existsSync(old?.path ?? "")], [false, true]);
    }));

  it("gives what was read some time when it is asked to end, and ends with the signal's code", () =>
    inScratch(async (directory) => {
      const runs = copyInto(directory, join(fixtures, "0.9.7", "basic", "swanlog"));
      const [ref] = await runsBelow(runs);
      truncateSync(ref?.log ?? "", 600);
      const terminal = new AbortController();
      const timers: number[] = [];
      const shell = fakeShell({
        cwd: directory,
        home: directory,
        signal: terminal.signal,
        sleep(): Promise<void> {
          terminal.abort(new CancelledError("Cancelled by SIGTERM", { cause: "SIGTERM" }));
          return Promise.resolve();
        },
        every(ms): () => void {
          timers.push(ms);
          return () => {};
        },
      });
      const words = [
        "sync",
        runs,
        "--to",
        join(directory, "archive"),
        "--follow",
        "--idle",
        "9999d",
      ];
      assert.equal(await execute(words, shell), 143, shell.stderr.text);
      assert.deepEqual(timers.filter((ms) => ms >= 8000), [8000, 9000]);
    }));
});
