/**
 * `npm run bench:upload [-- --only TEXT] [--no-official] [--points N] [--write]
 * [--directory DIR]`: the same runs to the same `runferry serve`, by our sync and by the newest
 * official client in turns; ours over a long line; and what the host takes in. `--write` puts the
 * tables into docs/performance.md; `--directory` keeps runs and clients for the next time. Clients
 * are taken from the folder that RUNFERRY_VENVS names, if it does.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { hostRate } from "./bench/host_rate.ts";
import type { Measured } from "./bench/measure.ts";
import { Sheets } from "./bench/sheets.ts";
import { type UploadCase, uploadCases } from "./bench/upload_case.ts";
import {
  countUpload,
  type FarUpload,
  measureFarUpload,
  measureUpload,
  official,
  ours,
  type Uploader,
} from "./bench/upload_measure.ts";
import { farSheet, rateSheet, type UploadLine, uploadSheet } from "./bench/upload_report.ts";
import { clientPrograms, clientVersion } from "./interop/environments.ts";

const markers = ["<!-- upload-begin -->", "<!-- upload-end -->"] as const;
const longLine = { roundTrip: 100, bandwidth: 10e6 } as const;

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    only: { type: "string", default: "" },
    official: { type: "boolean", default: true },
    points: { type: "string", default: "10000000" },
    write: { type: "boolean", default: false },
    directory: { type: "string" },
  },
});

function fastest(all: readonly Measured[]): Measured {
  const [first, ...rest] = all.toSorted((left, right) => left.seconds - right.seconds);
  if (first === undefined) throw new Error("nothing was measured");
  return { ...first, peak: Math.max(first.peak, ...rest.map(({ peak }) => peak)) };
}

/** Measures every uploader on a run, taking turns. */
async function sheet(
  run: UploadCase,
  uploaders: readonly (readonly [string, Uploader])[],
  directory: string,
): Promise<string> {
  const measured = uploaders.map((): Measured[] => []);
  for (let turn = 0; turn < run.repeats; turn++) {
    for (const [at, [, uploader]] of uploaders.entries()) {
      measured[at]?.push(await measureUpload(uploader, run, directory));
    }
  }
  const lines: UploadLine[] = [];
  for (const [at, [name, uploader]] of uploaders.entries()) {
    const traffic = await countUpload(uploader, run, directory);
    lines.push({ name, measured: fastest(measured[at] ?? []), traffic });
  }
  return uploadSheet(run.name, lines);
}

async function far(runs: readonly UploadCase[], directory: string): Promise<string> {
  const uploads: (readonly [string, FarUpload])[] = [];
  for (const run of runs) {
    uploads.push([run.name, await measureFarUpload(ours(), run, directory, longLine)]);
  }
  return farSheet(longLine, uploads);
}

const directory = options.directory ?? mkdtempSync(join(tmpdir(), "runferry-upload-"));
mkdirSync(directory, { recursive: true });
const scratch = mkdtempSync(join(directory, "runs-"));
const sheets = new Sheets();
try {
  const client = "swanlab newest";
  const programs = clientPrograms(client, process.env["RUNFERRY_VENVS"] ?? directory);
  const runs = (await uploadCases(scratch, programs))
    .filter(({ name }) => name.includes(options.only));
  const uploaders: [string, Uploader][] = [["`runferry sync`", ours()]];
  if (options.official) {
    uploaders.push([`swanlab ${clientVersion(client, programs)}`, official(programs)]);
  }
  for (const run of runs) sheets.tell(await sheet(run, uploaders, scratch));
  sheets.tell(await far(runs, scratch));
  if (Number(options.points) > 0) {
    sheets.tell(rateSheet(await hostRate(scratch, Number(options.points))));
  }
} finally {
  rmSync(options.directory === undefined ? directory : scratch, { recursive: true, force: true });
}
if (options.write) sheets.write(markers);
