/**
 * Examines the cases whose seeds come in, a JSON object a line, and answers each with another line.
 * `mask` is a bit set of the mutations to make; `keep` where to leave the mutated tree.
 */
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { examine } from "./examine.ts";
import { makeCase } from "./fuzz_case.ts";

/** What the driver asks for. */
export interface Question {
  readonly seed: number;
  readonly mask: number;
  readonly keep?: string;
}

/** What became of it; `examined` is false in the first of the two lines of an answer. */
export interface Answer {
  readonly examined: boolean;
  readonly story: readonly string[];
  /** Stack of what went wrong; absent when nothing did. */
  readonly problem?: string;
}

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function answer({ seed, mask, keep }: Question): Promise<void> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "fuzz-")));
  let story: readonly string[] = [];
  try {
    const made = await makeCase(seed, directory, (mutation) => (mask >> mutation & 1) === 1);
    story = made.story;
    if (keep !== undefined) {
      cpSync(made.path, keep, { recursive: true, verbatimSymlinks: true });
    }
    say({ examined: false, story });
    await examine(made.path, directory);
    say({ examined: true, story });
  } catch (error) {
    const problem = error instanceof Error ? error.stack ?? error.message : String(error);
    say({ examined: true, story, problem });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  await answer(JSON.parse(line));
}
