/**
 * `npm run bench:noop [-- --runs N] [--write]`: what it costs to sync runs that were verified before,
 * into an archive and at a host whose requests are counted, when none or one of them has changed.
 * `--write` puts the table into docs/performance.md.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureNoop, type NoopCosts } from "./bench/noop_measure.ts";
import { noopSheet } from "./bench/noop_report.ts";
import { NoopRuns } from "./bench/noop_runs.ts";
import { Sheets } from "./bench/sheets.ts";
import { openFaultProxy } from "./faults/fault_proxy.ts";
import { startHost } from "./interop/host_process.ts";

const markers = ["<!-- noop-begin -->", "<!-- noop-end -->"] as const;

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    write: { type: "boolean", default: false },
  },
});

function intoArchive(runs: NoopRuns, directory: string): Promise<NoopCosts> {
  const words = ["--to", join(directory, "archive")];
  return measureNoop(runs, { directory, words }, 0);
}

async function toHost(runs: NoopRuns, directory: string): Promise<NoopCosts> {
  await using host = await startHost(join(directory, "store"), 1);
  const { url: target, key, user } = host.login;
  await using proxy = await openFaultProxy({ target });
  const words = ["-h", proxy.url, "-k", key, "-w", user, "-p", "noop"];
  const requests = (): number => proxy.requests.length;
  return await measureNoop(runs, { directory, words, requests }, Math.floor(runs.count / 2));
}

const directory = mkdtempSync(join(tmpdir(), "runferry-noop-"));
const sheets = new Sheets();
try {
  const runs = new NoopRuns(directory, Number(options.runs));
  const place = (name: string): string => {
    const path = join(directory, name);
    mkdirSync(path);
    return path;
  };
  const archive = await intoArchive(runs, place("archived"));
  const atHost = await toHost(runs, place("hosted"));
  sheets.tell(noopSheet(runs.count, [["an archive", archive], ["a SwanLab host", atHost]]));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
if (options.write) sheets.write(markers);
