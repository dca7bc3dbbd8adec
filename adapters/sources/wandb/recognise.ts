import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Place } from "../../../src/adapter.ts";
import { systemCode } from "../../../src/errors.ts";
import type { RunRef } from "../../../src/model/run.ts";

const source = "wandb";
/** How the client names run directories; a number follows when the name was taken. */
const runDirectory = /^(?:offline-)?run-\d{8}_\d{6}-(.+)$/;

/** The runs that a place is or directly holds, one for each log, by their names. */
export function recogniseRuns(place: Place): readonly RunRef[] {
  if (place.kind === "file") {
    return isLogName(basename(place.path)) ? [refOf(place.path, place.path)] : [];
  }
  const logs = place.entries.filter((entry) => entry.kind === "file" && isLogName(entry.name))
    .map((entry) => entry.name);
  if (logs.length === 0) {
    return isRunWithoutLog(place) ? [{ source, path: place.path }] : [];
  }
  const own = logs.length === 1 && !holdsRuns(place) ? logs[0] : undefined;
  return logs.map((name) => {
    const log = join(place.path, name);
    return refOf(name === own ? place.path : log, log);
  });
}

/** The client's own `sync` puts the mark beside the log, and takes any file there for it. */
function refOf(path: string, log: string): RunRef {
  return { source, path, log, mark: `${log}.synced` };
}

/** Whether a file is named like a log; `._` is how macOS names what it cannot put elsewhere. */
function isLogName(name: string): boolean {
  return name.endsWith(".wandb") && name !== ".wandb" && !name.startsWith("._");
}

/** Whether there are run directories in a directory, so that it is none itself. */
function holdsRuns(place: Place): boolean {
  return place.entries.some(({ name, kind }) => kind === "directory" && runDirectory.test(name));
}

/** Whether a directory is a run whose log is gone. SwanLab names its directories alike. */
function isRunWithoutLog({ path, entries }: Place): boolean {
  if (!runDirectory.test(basename(path))) return false;
  if (entries.some(({ name }) => name.endsWith(".swanlab"))) return false;
  if (!entries.some(({ name, kind }) => name === "files" && kind === "directory")) return false;
  const names = list(join(path, "files"));
  return names.length > 0 && !names.includes("swanlab-metadata.json");
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

/**
 * The run's id as far as names tell it: a log is named `run-<id>.wandb`, a directory has the id
 * behind its time. Ids may have dashes.
 */
export function idFromNames({ path, log }: RunRef): string {
  const name = basename(log ?? path, ".wandb");
  if (log !== undefined && name.startsWith("run-")) return name.slice("run-".length);
  return runDirectory.exec(basename(path))?.[1] ?? name;
}
