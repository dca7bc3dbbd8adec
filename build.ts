/**
 * Compiles dist/runferry, one executable for this machine, out of the pinned Bun that runs this.
 * `--no-compile-autoload-*` keeps the program from reading `.env` and `bunfig.toml` where it is run.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import manifest from "./package.json" with { type: "json" };

const base = process.execPath;
const pinned = manifest.devDependencies.bun;
if (process.versions["bun"] !== pinned) {
  throw new Error(`The base executable must be Bun ${pinned}; run this with \`npm run build\``);
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
