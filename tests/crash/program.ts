import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Compiles the program with `crashing_program.ts` as its beginning, and for the dying one with a
 * file system to die of, into a folder, and returns the path of the executable.
 */
export function compile(folder: string, kind: "patient" | "dying"): string {
  const copy = join(folder, `${kind} source`);
  mkdirSync(join(copy, "tests"), { recursive: true });
  for (const name of ["src", "adapters", "tests/crash", "tests/generate"]) {
    cpSync(join(repository, name), join(copy, name), { recursive: true });
  }
  cpSync(join(repository, "package.json"), join(copy, "package.json"));
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  if (kind === "dying") {
    for (const name of ["src", "adapters"]) {
      replaceIn(join(copy, name), copy);
    }
  }
  const executable = join(folder, kind);
  const { status, stderr } = spawnSync(process.execPath, [
    "build",
    "--compile",
    "--bytecode",
    "--format=esm",
    `--compile-executable-path=${process.execPath}`,
    join(copy, "tests/crash/crashing_program.ts"),
    "--outfile",
    executable,
  ], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot compile: ${stderr}`);
  return executable;
}

/** Has every module below a folder take its file system from the one that dies. */
function replaceIn(folder: string, copy: string): void {
  const dying = JSON.stringify(join(copy, "tests/crash/crashing_fs.ts"));
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll('from "node:fs/promises"', `from ${dying}`));
  }
}
