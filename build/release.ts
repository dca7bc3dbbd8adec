/**
 * Compiles the executables of a release into dist/, each from a pinned and verified Bun, and writes
 * dist/SHA256SUMS. `release.ts static` makes those that need nothing of their system, `all` every one.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { baseExecutable, type Lockfile } from "./base_package.ts";
import { compileOptions } from "./compile_options.ts";
import { merge } from "./merge.ts";
import { dynamicTargets, staticTargets, type Target } from "./target.ts";

/** The same place below every checkout: Bun writes the way from here to the sources into its output. */
const folder = "dist/compile.tmp";

/** Compiles one executable; Bun writes the name of its output into it. */
function compile(target: Target, lockfile: Lockfile): Uint8Array {
  const base = join(folder, "base");
  writeFileSync(base, baseExecutable(lockfile, target.base), { mode: 0o755 });
  const output = join(folder, "runferry");
  const { status } = spawnSync(process.execPath, [
    ...compileOptions,
    `--target=${target.bun}`,
    `--compile-executable-path=${base}`,
    `--outfile=${output}`,
  ], { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`Cannot compile ${target.file}`);
  return readFileSync(target.bun.includes("windows") ? `${output}.exe` : output);
}

/** Makes one executable in dist/ and returns its line of SHA256SUMS. */
function make(target: Target, lockfile: Lockfile): string {
  mkdirSync(folder, { recursive: true });
  try {
    const compiled = compile(target, lockfile);
    const bytes = target.loader === undefined
      ? compiled
      : merge(compiled, readFileSync(join("build/loader", target.loader)));
    writeFileSync(join("dist", target.file), bytes, { mode: 0o755 });
    return `${createHash("sha256").update(bytes).digest("hex")}  ${target.file}\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function targetsOf(word: string | undefined): readonly Target[] {
  if (word === "static") return staticTargets;
  if (word === "all") return [...staticTargets, ...dynamicTargets];
  throw new Error(`Cannot build ${word ?? "nothing"}: say static or all`);
}

const targets = targetsOf(process.argv[2]);
const lockfile: Lockfile = JSON.parse(readFileSync("package-lock.json", "utf8"));
mkdirSync("dist", { recursive: true });
const lines = targets.map((target) => make(target, lockfile));
writeFileSync("dist/SHA256SUMS", lines.join(""));
