/**
 * Compiles dist/runferry, one executable for this machine, out of the pinned Bun that runs this.
 * build/release.ts makes those of a release.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { compileOptions } from "./build/compile_options.ts";
import manifest from "./package.json" with { type: "json" };

const base = process.execPath;
const pinned = manifest.devDependencies.bun;
if (process.versions["bun"] !== pinned) {
  throw new Error(`The base executable must be Bun ${pinned}; run this with \`npm run build\``);
}

mkdirSync("dist", { recursive: true });
const { status } = spawnSync(base, [
  ...compileOptions,
  `--compile-executable-path=${base}`,
  "--outfile",
  "dist/runferry",
], { stdio: ["ignore", "ignore", "inherit"] });
process.exitCode = status ?? 1;
