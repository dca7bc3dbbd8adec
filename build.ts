/**
 * Compiles dist/runferry, one executable for this machine, from the pinned base executable.
 * `--no-compile-autoload-*` keeps the program from reading `.env` and `bunfig.toml` where it is run.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import process from "node:process";

const platform = process.platform === "win32" ? "windows" : process.platform;
const architecture = process.arch === "arm64" ? "aarch64" : process.arch;
const base = `node_modules/@oven/bun-${platform}-${architecture}/bin/bun`;
if (!existsSync(base)) {
  throw new Error(`${base} is missing: bun has no package for this machine, or npm left it out`);
}

mkdirSync("dist", { recursive: true });
const { status } = spawnSync(base, [
  "build",
  "--compile",
  "--production",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--sourcemap",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  `--compile-executable-path=${base}`,
  "src/main.ts",
  "--outfile",
  "dist/runferry",
], { stdio: ["ignore", "ignore", "inherit"] });
process.exitCode = status ?? 1;
