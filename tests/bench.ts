/**
 * `npm run bench -- [--rows N,N…] [--full] [--keys N] [--no-python] [--write]`: makes large runs and
 * measures reading and ferrying them, beside the official readers and beside sha256sum. `--full`
 * adds 10^6 rows, which takes 2 GB of disk and some minutes; `--write` puts the tables into
 * docs/performance.md; `--directory` keeps runs and Python environments for the next time.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { best, measure, type Measured } from "./bench/measure.ts";
import { officialReader, type Tracker } from "./bench/official_reader.ts";
import { type Line, names, type Sheet, sheetText, writeBetweenMarkers } from "./bench/report.ts";
import type { GeneratedRun } from "./generate/generated_run.ts";
import { generateSwanlab } from "./generate/swanlab_run.ts";
import { generateWandb } from "./generate/wandb_run.ts";

const runferry = join("dist", "runferry");
const generators = { wandb: generateWandb, swanlab: generateSwanlab } as const;
const startUps = 20;

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: "string", default: "10000,100000" },
    full: { type: "boolean", default: false },
    keys: { type: "string", default: "10" },
    python: { type: "boolean", default: true },
    write: { type: "boolean", default: false },
    directory: { type: "string" },
  },
});

/** What a decoder prints of itself counts, without the start of its runtime. */
function decoding({ output, peak }: Measured): Measured {
  const { seconds, cpu } = JSON.parse(output);
  return { seconds, cpu, peak, output };
}

async function decodeLine(
  name: string,
  command: readonly string[],
  repeats: number,
): Promise<Line> {
  const { seconds, cpu, peak } = await best(repeats, async () => decoding(await measure(command)));
  return { name, seconds, cpu, peak };
}

async function commandLine(
  name: string,
  command: readonly string[],
  repeats: number,
): Promise<Line> {
  const { seconds, cpu, peak } = await best(repeats, () => measure(command, true));
  return { name, seconds, cpu, peak };
}

/** Every sync is into a new archive. */
async function syncLine(run: GeneratedRun, directory: string, repeats: number): Promise<Line> {
  const { seconds, cpu, peak } = await best(repeats, async () => {
    const target = mkdtempSync(join(directory, "archive-"));
    const words = ["--to", target, "--state", `${target}-state`, "-q"];
    const measured = await measure([runferry, "sync", run.path, ...words], true);
    for (const each of [target, `${target}-state`]) rmSync(each, { recursive: true });
    return measured;
  });
  return { name: names.sync, seconds, cpu, peak };
}

async function sheet(tracker: Tracker, rows: number, directory: string): Promise<Sheet> {
  const keys = Number(options.keys);
  const place = join(directory, `${tracker}-${rows}x${keys}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const run = generators[tracker]({ directory: place, rows, keys, seed: 1 });
  const repeats = rows >= 1_000_000 ? 1 : 3;
  const official = options.python ? officialReader(tracker, directory) : undefined;
  const lines: Line[] = [];
  // Reading it once more brings it into the page cache for everybody.
  const hash = await best(repeats + 1, () => measure(["sha256sum", run.log], true));
  lines.push({ name: names.hash, seconds: hash.seconds, cpu: hash.cpu });
  lines.push(
    await decodeLine(names.decode, [process.execPath, "tests/bench/decode.ts", run.path], repeats),
    await commandLine(names.cat, [runferry, "cat", run.path], repeats),
    await syncLine(run, directory, repeats),
  );
  if (official !== undefined) {
    lines.push(await decodeLine(names.official, official(run.log), repeats));
  }
  rmSync(place, { recursive: true });
  return { tracker, rows, keys, bytes: run.bytes, lines };
}

/** Median time of `--version` in ms. */
async function startUp(): Promise<number> {
  const seconds: number[] = [];
  for (let time = 0; time < startUps; time++) {
    seconds.push((await measure([runferry, "--version"], true)).seconds);
  }
  return (seconds.sort((left, right) => left - right)[startUps / 2] ?? NaN) * 1000;
}

const directory = options.directory ?? mkdtempSync(join(tmpdir(), "runferry-bench-"));
if (!existsSync(directory)) mkdirSync(directory, { recursive: true });
const sizes = options.rows.split(",").map(Number).concat(options.full ? [1_000_000] : []);
const texts = [
  `\`npm run bench -- --rows ${sizes.join(",")} --keys ${options.keys}\``,
  "",
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}. ` +
  `\`runferry --version\`: ${(await startUp()).toFixed(0)} ms, the median of ${startUps}.`,
  "",
];
process.stdout.write(`${texts.join("\n")}\n`);
for (const tracker of ["wandb", "swanlab"] as const) {
  for (const rows of sizes) {
    const text = sheetText(await sheet(tracker, rows, directory));
    process.stdout.write(`${text}\n`);
    texts.push(text);
  }
}
if (options.directory === undefined) rmSync(directory, { recursive: true });
if (options.write) writeBetweenMarkers("docs/performance.md", texts.join("\n"));
