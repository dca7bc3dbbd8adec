import { basename, join } from "node:path";
import type { Context, Place, RunReader, Source } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { type RunDirectory, runDirectory } from "../../../src/files/run_directory.ts";
import type { RunInfo, RunRef } from "../../../src/model/run.ts";
import { given, type Identity } from "./identity.ts";
import { keyFolders } from "./local_points.ts";
import { LocalRun } from "./local_run.ts";
import { findLog, type NoLog, type RunLog } from "./log_file.ts";
import { recogniseRuns } from "./recognise.ts";
import { type OpenRun, SwanlabReader } from "./run_reader.ts";
import { statusOf } from "../../../src/files/status_of.ts";
import { clientVersion, hostName, Sidecars } from "./sidecars.ts";

/** Ending of a lone log's name. */
const ending = ".swanlab";

/**
 * SwanLab runs as every client from 0.2 to 0.10 leaves them on disk: the per-key files and database
 * of the local mode (G1), the JSON log (G2, format versions 0 and 1) and the protobuf log (G3).
 */
export const swanlab: Source = {
  name: "swanlab",
  recognise(place: Place): Promise<readonly RunRef[]> {
    return recogniseRuns("swanlab", place);
  },
  open: openRun,
};

async function openRun(ref: RunRef, context: Context): Promise<RunReader> {
  const files = runDirectory(ref.path, { followOutside: context.followOutside });
  const root = statusOf(ref.path)?.isDirectory() === true ? ref.path : undefined;
  const log = ref.log === undefined ? undefined : await findLog(ref.log);
  const local = root === undefined ? undefined : await localRun(root, files, log);
  if (log !== undefined && !isLog(log)) refuse(ref, log, root, local);
  const metadata = root === undefined ? undefined : await new Sidecars(files).metadata();
  const version = clientVersion(metadata) ?? local?.facts?.version;
  const found = isLog(log) ? log.identity : [local?.facts?.identity ?? {}];
  const format = isLog(log) ? log.label : local === undefined ? "no log" : "G1";
  const identity: Identity = {
    id: idInName(ref) ?? directoryOf(ref),
    ...given({ host: hostName(metadata) }),
    writer: { tracker: "swanlab", ...given({ version }), format },
    ...Object.assign({}, ...found),
  };
  const run: OpenRun = {
    info: infoOf(ref, identity, isLog(log) ? log.beginning : undefined),
    identity,
    files,
    root,
    log: log === undefined && local === undefined ? missingLog : log,
    local,
  };
  return new SwanlabReader(run, context);
}

const missingLog: NoLog = { bytes: 0, isBegun: false, reason: "the log is missing" };

/** What the local mode left in a run directory; a log alone makes the database uninteresting. */
async function localRun(
  root: string,
  files: RunDirectory,
  log: RunLog | NoLog | undefined,
): Promise<LocalRun | undefined> {
  const hasPoints = await hasFolders(root, isLog(log));
  if (isLog(log) && !hasPoints) return undefined;
  const local = await LocalRun.open(root, files);
  const isKnown = local.facts !== undefined || local.problem !== undefined;
  return hasPoints || isKnown ? local : undefined;
}

/** Whether there are folders of points; where there is a log, it matters not why they cannot be read. */
async function hasFolders(root: string, isRescue: boolean): Promise<boolean> {
  try {
    return (await keyFolders(root)).length > 0;
  } catch (error) {
    if (isRescue && error instanceof SourceError) return false;
    throw error;
  }
}

function isLog(log: RunLog | NoLog | undefined): log is RunLog {
  return log !== undefined && "records" in log;
}

/** @throws {SourceError} when a file is no log and there is nothing else to be saved with it. */
function refuse(
  ref: RunRef,
  log: NoLog,
  root: string | undefined,
  local: LocalRun | undefined,
): void {
  if (log.isBegun || local !== undefined) return;
  if (root !== undefined && statusOf(join(root, "files"))?.isDirectory() === true) return;
  throw new SourceError(
    `Cannot read ${ref.log ?? ref.path}: it is not a SwanLab log (${log.reason})`,
    { hint: "Check where the file comes from; it may be another program's." },
  );
}

/** The id that the log is named by, but for characters that no file may have (swanlog-format §4). */
function idInName({ log = "" }: RunRef): string | undefined {
  return /^run-(.+)\.swanlab$/.exec(basename(log))?.[1];
}

/** Base name of the run directory, or of the lone file without its ending. */
function directoryOf(ref: RunRef): string {
  return basename(ref.path, ending);
}

function infoOf(ref: RunRef, identity: Identity, beginning: string | undefined): RunInfo {
  const { id, name, project, workspace, startedAt, writer } = identity;
  return {
    source: "swanlab",
    path: ref.path,
    directory: directoryOf(ref),
    id,
    ...given({ name, project, workspace, startedAt, beginning }),
    writer,
  };
}
