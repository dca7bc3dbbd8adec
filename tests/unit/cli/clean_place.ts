/** A run that an archive has, and commands that may delete it. */
import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildProgram } from "../../../src/cli/program.ts";
import type { Shell } from "../../../src/cli/shell.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { fakeShell } from "./fake_shell.ts";

/** A run that ended. */
export const ended = "tests/fixtures/wandb/0.22.0/basic/offline-run-20261123_081011-fxbasic1";

/** Long after the last change of any file. */
export const later: number = Date.parse("2100-01-01");

/** How a command ended, and what it wrote. */
export interface Said {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run below `wandb/`, beside what must never go. */
export interface Place {
  readonly directory: string;
  readonly run: string;
  readonly archive: string;
  runferry(words: readonly string[], shell?: Partial<Shell>): Promise<Said>;
  /** The journal's file. */
  journal(): string;
}

/** Makes a place, and takes it away afterwards. */
export function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    mkdirSync(join(directory, "wandb"));
    const archive = join(directory, "archive");
    await use({
      directory,
      archive,
      run: copyInto(join(directory, "wandb"), ended),
      async runferry(words, parts): Promise<Said> {
        const shell = fakeShell({ cwd: directory, home: directory, now: () => later, ...parts });
        const exit = await buildProgram(shell).run([...words, "--to", archive]);
        return { exit, stdout: shell.stdout.text, stderr: shell.stderr.text };
      },
      journal: () => journalBelow(join(directory, ".local", "state", "runferry")),
    });
  });
}

function journalBelow(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return join(folder, names.find((name) => name.endsWith(".jsonl")) ?? "");
}

/** Whether there is something of this name, a link that leads nowhere included. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The lines of a journal. */
export function entriesIn(journal: string): readonly { readonly [field: string]: unknown }[] {
  return readFileSync(journal, "utf8").trim().split("\n").map((line) => JSON.parse(line));
}
