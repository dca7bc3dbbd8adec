/**
 * `npm run bench:watch [-- --runs N] [--seconds N] [--rows N] [--write]`: what it costs to watch runs
 * that do not go on, into an archive and at a host, and how soon the rows of one that does show at
 * the host. `--write` puts the tables into docs/performance.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Sheets } from "./bench/sheets.ts";
import { makeIdleRuns, measureIdle } from "./bench/watch_idle.ts";
import { measureLatency } from "./bench/watch_latency.ts";
import { idleSheet, latencySheet } from "./bench/watch_report.ts";
import { startHost } from "./interop/host_process.ts";

const markers = ["<!-- watch-begin -->", "<!-- watch-end -->"] as const;

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seconds: { type: "string", default: "120" },
    rows: { type: "string", default: "60" },
    write: { type: "boolean", default: false },
  },
});

/** Where idle runs go, by the name of the line in the table. */
async function idle(directory: string): Promise<string> {
  const [runs, watched] = [Number(options.runs), Number(options.seconds)];
  const place = makeIdleRuns(directory, runs);
  const shared = { place, runs, watched };
  const archived = join(directory, "archived");
  const archive = await measureIdle({
    ...shared,
    directory,
    words: ["--to", archived],
  });
  await using host = await startHost(join(directory, "idle-store"), 1);
  const { url, key, user } = host.login;
  const words = ["-h", url, "-k", key, "-w", user, "-p", "idle"];
  const atHost = await measureIdle({ ...shared, directory, words });
  return idleSheet(watched, [["an archive", archive], ["a SwanLab host", atHost]]);
}

async function latency(directory: string): Promise<string> {
  await using host = await startHost(join(directory, "store"), 1);
  const shared = { login: host.login, rows: Number(options.rows) };
  const swanlab = await measureLatency("swanlab", { ...shared, directory: join(directory, "s") });
  const wandb = await measureLatency("wandb", { ...shared, directory: join(directory, "w") });
  return latencySheet([["swanlab", swanlab], ["wandb", wandb]]);
}

const directory = mkdtempSync(join(tmpdir(), "runferry-watch-"));
const sheets = new Sheets();
try {
  sheets.tell(await idle(directory));
  sheets.tell(await latency(directory));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
if (options.write) sheets.write(markers);
