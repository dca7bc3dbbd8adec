import { basename, dirname, join } from "node:path";
import type { Place, PlaceEntry } from "../../../src/adapter.ts";
import type { RunRef } from "../../../src/model/run.ts";

/** Name of the source adapter. */
export const sourceName = "wandb";
const ending = ".wandb";
/** Run directories: mode, local time of the start, run id, and since 0.22.1 perhaps a number. */
export const runDirectoryName: RegExp = /^(?:offline-)?run-\d{8}_\d{6}-(.+)$/;

/** The runs that a place is or directly holds, by its names alone. */
export function recogniseRuns({ path, kind, entries }: Place): readonly RunRef[] {
  if (kind === "file") return isLogName(basename(path)) ? [lone(path)] : [];
  const logs = entries.filter((entry) => entry.kind === "file" && isLogName(entry.name));
  const [only, ...more] = logs;
  if (only !== undefined && more.length === 0 && isRunDirectory(path, entries)) {
    return [{ source: sourceName, path, log: join(path, only.name) }];
  }
  if (logs.length > 0) return logs.map(({ name }) => lone(join(path, name)));
  return isWithoutLog(path, entries) ? [{ source: sourceName, path }] : [];
}

/** `.wandb` alone is a folder's name, `.wandb.synced` and `.wandb.syncstate` are marks. */
function isLogName(name: string): boolean {
  return name.endsWith(ending) && name.length > ending.length;
}

function lone(path: string): RunRef {
  return { source: sourceName, path, log: path };
}

/** Whether a directory with a log is the run's own: the difference decides what goes with it. */
function isRunDirectory(path: string, entries: readonly PlaceEntry[]): boolean {
  return runDirectoryName.test(basename(path)) || has(entries, "files") ||
    entries.every(({ name }) => name.startsWith("run-") || name === "logs" || name === "tmp");
}

/** A run directory whose log is gone. SwanLab's directories are named alike and have other files. */
function isWithoutLog(path: string, entries: readonly PlaceEntry[]): boolean {
  if (!runDirectoryName.test(basename(path)) || !has(entries, "files")) return false;
  const others = ["media", "console", "debug", "backup.swanlab"];
  if (entries.some(({ name }) => others.includes(name) || name.endsWith(".swanlab"))) return false;
  return basename(path).startsWith("offline-") || basename(dirname(path)).endsWith("wandb");
}

function has(entries: readonly PlaceEntry[], directory: string): boolean {
  return entries.some(({ name, kind }) => name === directory && kind === "directory");
}
