import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { command } from "./program.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A copy of the program, which is one process at a time. */
export interface Program {
  readonly command: typeof command;
}

/** A change of the program that is to be noticed. */
export interface Edit {
  /** Relative to the repository. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What the model puts in the place of what a system offers. */
const standIns: readonly (readonly [string, string])[] = [
  ["node:fs/promises", "model_fs.ts"],
  ["node:fs", "model_fs.ts"],
  ["node:os", "model_fs.ts"],
  ["node:crypto", "model_crypto.ts"],
];

/** Copies the program into a folder so many times, over the model, and loads the copies. */
export async function loadCopies(
  folder: string,
  count: number,
  edits: readonly Edit[] = [],
): Promise<readonly Program[]> {
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const programs: Program[] = [];
  for (let at = 0; at < count; at++) {
    const copy = join(folder, `copy-${at}`);
    makeCopy(copy, edits);
    programs.push(await import(`${pathToFileURL(join(copy, "tests/simulator/program.ts"))}`));
  }
  return programs;
}

function makeCopy(copy: string, edits: readonly Edit[]): void {
  mkdirSync(join(copy, "tests"), { recursive: true });
  for (const name of ["src", "adapters/destinations", "tests/simulator"]) {
    cpSync(join(repository, name), join(copy, name), { recursive: true });
  }
  for (const name of ["src", "adapters/destinations"]) replaceIn(join(copy, name), copy);
  for (const { file, from, to } of edits) {
    const path = join(copy, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, text.replace(from, () => to));
  }
}

/** Has every module below a folder use the model. */
function replaceIn(folder: string, copy: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const path = join(folder, name);
    let text = readFileSync(path, "utf8");
    for (const [module, standIn] of standIns) {
      const path = JSON.stringify(join(copy, "tests/simulator", standIn));
      text = text.replaceAll(`from "${module}"`, `from ${path}`);
    }
    writeFileSync(path, text);
  }
}
