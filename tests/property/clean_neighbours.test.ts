/** Nothing but proven run directories goes, whatever lies around and in them. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { buildProgram } from "../../src/cli/program.ts";
import { copyInto, inScratch, snapshot } from "../contract/scratch.ts";
import { fakeShell } from "../unit/cli/fake_shell.ts";

const ended = "tests/fixtures/wandb/0.22.0/basic/offline-run-20261123_081011-fxbasic1";
const log = "run-fxbasic1.wandb";

/** Something that lies in a folder and is named by its number. */
type Thing =
  | "run"
  | "unfinished run"
  | "run with a run in it"
  | "folder with a log"
  | "folder named as a run"
  | "leftover of somebody"
  | "file"
  | "link to the precious folder"
  | "link to the first run"
  | "hard link";

const things: readonly Thing[] = [
  "run",
  "unfinished run",
  "run with a run in it",
  "folder with a log",
  "folder named as a run",
  "leftover of somebody",
  "file",
  "link to the precious folder",
  "link to the first run",
  "hard link",
];

/** Which of them may go. */
const mayGo: ReadonlySet<Thing> = new Set(["run"]);

function put(thing: Thing, path: string, { directory, wandb }: Tree): void {
  const precious = join(directory, "precious", "thesis.tex");
  switch (thing) {
    case "run":
      return copyRun(path);
    case "unfinished run":
      copyRun(path);
      return appendFileSync(join(path, log), "more");
    case "run with a run in it":
      copyRun(path);
      return copyRun(join(path, "files", "run-20200101_000000-inner"));
    case "folder with a log":
    case "folder named as a run":
    case "leftover of somebody":
      mkdirSync(path);
      return writeFileSync(join(path, "notes.txt"), thing);
    case "file":
      return writeFileSync(path, thing);
    case "link to the precious folder":
      return symlinkSync(join(directory, "precious"), path);
    case "link to the first run":
      return symlinkSync(join(wandb, nameOf("run", 0)), path);
    case "hard link":
      return linkSync(precious, path);
  }
}

function copyRun(path: string): void {
  mkdirSync(`${path} copy`);
  renameSync(copyInto(`${path} copy`, ended), path);
  renameSync(`${path} copy`, join(path, "empty"));
}

function nameOf(thing: Thing, at: number): string {
  const stamp = `20200101_0000${String(at).padStart(2, "0")}`;
  switch (thing) {
    case "leftover of somebody":
      return `.runferry-trash-${at}`;
    case "file":
    case "hard link":
      return `notes-${at}.txt`;
    case "folder with a log":
      return `folder-${at}`;
    default:
      return `run-${stamp}-id${at}`;
  }
}

interface Tree {
  readonly directory: string;
  readonly wandb: string;
}

/** Everything at a path, but the times of folders from which something may have gone. */
function rest(wandb: string, gone: ReadonlySet<string>): readonly string[] {
  return snapshot(wandb).filter((line) => {
    const [name = ""] = line.split(" ");
    return name !== "" && !gone.has(name.split("/")[0] ?? "");
  });
}

test("only proven run directories go, and all else is afterwards as it was", {
  timeout: 300_000,
}, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...things), { minLength: 1, maxLength: 8 }),
      fc.constantFrom("sync", "clean"),
      fc.boolean(),
      async (around, command, moves) =>
        await inScratch(async (directory) => {
          const tree = { directory, wandb: join(directory, "wandb") };
          mkdirSync(tree.wandb);
          mkdirSync(join(directory, "precious"));
          writeFileSync(join(directory, "precious", "thesis.tex"), "years of work");
          const gone = new Set<string>();
          for (const [at, thing] of around.entries()) {
            const name = nameOf(thing, at);
            if (mayGo.has(thing)) gone.add(name);
            put(thing, join(tree.wandb, name), tree);
          }
          const [first] = gone;
          if (first !== undefined) fill(join(tree.wandb, first), directory);
          const before = rest(tree.wandb, gone);
          const precious = snapshot(join(directory, "precious"));
          await cleanAll(tree, command, moves);
          assert.deepEqual(rest(tree.wandb, gone), before);
          assert.deepEqual(snapshot(join(directory, "precious")), precious);
          const left = snapshot(tree.wandb).map((line) => line.split(" ")[0] ?? "");
          assert.deepEqual(left.filter((name) => gone.has(basename(name))), []);
        }),
    ),
    { numRuns: 40, seed: 5 },
  ));

/** Puts links out of a run into it. */
function fill(run: string, directory: string): void {
  symlinkSync(join(directory, "precious"), join(run, "files", "folder"));
  symlinkSync("../../..", join(run, "files", "up"));
  linkSync(join(directory, "precious", "thesis.tex"), join(run, "files", "thesis.tex"));
}

async function cleanAll({ directory }: Tree, command: string, moves: boolean): Promise<void> {
  const shell = fakeShell({
    cwd: directory,
    home: directory,
    now: () => Date.parse("2100-01-01"),
  });
  const to = ["--to", join(directory, "archive")];
  const how = moves ? ["--trash", join(directory, "trash")] : [];
  if (command === "sync") {
    await buildProgram(shell).run(["sync", "wandb", ...to, "--clean", ...how]);
    return;
  }
  await buildProgram(shell).run(["sync", "wandb", ...to]);
  await buildProgram(shell).run(["clean", "wandb", ...to, "--yes", ...how]);
}
