import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Place } from "../../../src/adapter.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import { openFile } from "../../../src/files/byte_source.ts";
import type { RunRef } from "../../../src/model/run.ts";
import { dataFile } from "./local_points.ts";
import { magic } from "./log_file.ts";
import { statusOf } from "../../../src/files/status_of.ts";

/** The database of a whole `swanlog/` folder: no run. */
const database = "runs.swanlab";
/** Name of the log up to swanlab 0.7.20. */
const jsonLog = "backup.swanlab";
/** Name of the log from 0.8.0rc1 on. */
const protobufLog = /^run-.*\.swanlab$/;
/** What a run directory holds; a folder with nothing else in it is one. */
const ordinary = new Set(["files", "media", "logs", "console", "debug"]);

/** The runs that a place is or directly holds, by its names alone wherever these tell. */
export async function recogniseRuns(
  source: string,
  place: Place,
): Promise<readonly RunRef[]> {
  if (place.kind === "file") return await recogniseFile(source, place.path);
  const logs = logsIn(place);
  if (logs.length === 0) {
    return await isLocalRun(place) ? [{ source, path: place.path }] : [];
  }
  const [first] = logs;
  if (first !== undefined && isRunDirectory(place, logs)) {
    return [{ source, path: place.path, log: join(place.path, first) }];
  }
  return logs.map((name) => {
    const log = join(place.path, name);
    return { source, path: log, log };
  });
}

/** A log given by its own path stands for its run directory, if it lies in one. */
async function recogniseFile(
  source: string,
  path: string,
): Promise<readonly RunRef[]> {
  const name = basename(path);
  if (!name.endsWith(".swanlab") || name === database) return [];
  const isNamed = name === jsonLog || protobufLog.test(name);
  if (!isNamed && !await isLog(path)) return [];
  const directory = dirname(path);
  const isInRun = isNamed &&
    statusOf(join(directory, "files"))?.isDirectory() === true;
  return [{ source, path: isInRun ? directory : path, log: path }];
}

/** Names of the logs in a directory, `backup.swanlab` first. */
function logsIn(place: Place): readonly string[] {
  const names = place.entries.filter((entry) => entry.kind === "file")
    .map((entry) => entry.name);
  const json = names.filter((name) => name === jsonLog);
  return [...json, ...names.filter((name) => protobufLog.test(name))];
}

/**
 * Whether a directory with logs is a run directory, and not a folder where logs were put: the
 * difference decides what goes with the run.
 */
function isRunDirectory(place: Place, logs: readonly string[]): boolean {
  if (logs.length > 1) return false;
  if (/^run-\d{8}_\d{6}-/.test(basename(place.path))) return true;
  return place.entries.some((entry) => entry.name === "files" && entry.kind === "directory") ||
    place.entries.every((entry) => logs.includes(entry.name) || ordinary.has(entry.name));
}

/**
 * Whether a directory without a log is a run all the same: one of the local mode, or one whose log
 * is gone. W&B names its directories in the same way, and has other files in them.
 */
async function isLocalRun(place: Place): Promise<boolean> {
  if (!basename(place.path).startsWith("run-")) return false;
  if (place.entries.some((entry) => entry.name.endsWith(".wandb"))) return false;
  const names = new Set(place.entries.map((entry) => entry.name));
  const metadata = join(place.path, "files", "swanlab-metadata.json");
  if (names.has("files") && statusOf(metadata)?.isFile() === true) return true;
  return names.has("logs") && await hasPoints(join(place.path, "logs"));
}

/** Whether a folder of `logs/` has a file of points. */
async function hasPoints(logs: string): Promise<boolean> {
  for (const folder of await list(logs)) {
    if (!folder.isDirectory()) continue;
    const files = await list(join(logs, folder.name));
    if (files.some((file) => dataFile.test(file.name))) return true;
  }
  return false;
}

async function list(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

/** Whether a file begins as a log does. */
async function isLog(path: string): Promise<boolean> {
  try {
    await using file = await openFile(path);
    const head = new Uint8Array(magic.length);
    const got = await file.read(head, 0);
    return got === head.length && magic.equals(head);
  } catch (error) {
    if (error instanceof SourceError) return false;
    throw error;
  }
}
