import { basename, join } from "node:path";
import type { Context, Place, RunReader, Source } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { runDirectory } from "../../../src/files/run_directory.ts";
import type { RunInfo, RunRef } from "../../../src/model/run.ts";
import { given, type Identity } from "./identity.ts";
import { keyFolders } from "./local_points.ts";
import { LocalRun } from "./local_run.ts";
import { findLog, type NoLog, type RunLog } from "./log_file.ts";
import { recogniseRuns } from "./recognise.ts";
import { type OpenRun, SwanlabReader } from "./run_reader.ts";
import { statusOf } from "./status_of.ts";
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
  const files = runDirectory(ref.path, {
    followOutside: context.followOutside,
  });
  const root = isDirectory(ref.path) ? ref.path : undefined;
  const log = ref.log === undefined ? undefined : await findLog(ref.log);
  const local = root === undefined || (isLog(log) && !await isLocal(root))
    ? undefined
    : await LocalRun.open(root, files);
  if (log !== undefined && !isLog(log)) await refuse(ref, log, root);
  const metadata = root === undefined ? undefined : await new Sidecars(files).metadata();
  const version = clientVersion(metadata) ?? local?.facts?.version;
  const host = hostName(metadata);
  const identity = identityOf(ref, { log, local }, version, host);
  const missing = log === undefined && local?.facts === undefined &&
      (root === undefined || !await isLocal(root))
    ? { bytes: 0, isBegun: false, reason: "the log is missing" }
    : log;
  const run: OpenRun = {
    info: infoOf(ref, identity),
    identity,
    files,
    root,
    log: missing,
    local,
  };
  return new SwanlabReader(run, context);
}

function isLog(log: RunLog | NoLog | undefined): log is RunLog {
  return log !== undefined && "records" in log;
}

function isDirectory(path: string): boolean {
  return statusOf(path)?.isDirectory() === true;
}

async function isLocal(root: string): Promise<boolean> {
  return (await keyFolders(root)).length > 0;
}

/** @throws {SourceError} when a file is no log and there is nothing else to be saved with it. */
async function refuse(
  ref: RunRef,
  log: NoLog,
  root: string | undefined,
): Promise<void> {
  if (log.isBegun) return;
  const isAccompanied = root !== undefined &&
    (await isLocal(root) || isDirectory(join(root, "files")));
  if (isAccompanied) return;
  throw new SourceError(
    `Cannot read ${ref.log ?? ref.path}: it is not a SwanLab log (${log.reason})`,
    { hint: "Check where the file comes from; it may be another program's." },
  );
}

function identityOf(
  ref: RunRef,
  { log, local }: Pick<OpenRun, "log" | "local">,
  version: string | undefined,
  host: string | undefined,
): Identity {
  const found = isLog(log) ? log.identity : [local?.facts?.identity ?? {}];
  const format = isLog(log) ? log.label : local === undefined ? "no log" : "G1";
  return {
    id: directoryOf(ref),
    ...given({ host }),
    writer: { tracker: "swanlab", ...given({ version }), format },
    ...Object.assign({}, ...found),
  };
}

/** Base name of the run directory, or of the lone file without its ending. */
function directoryOf(ref: RunRef): string {
  return basename(ref.path, ending);
}

function infoOf(ref: RunRef, identity: Identity): RunInfo {
  const { id, name, project, workspace, startedAt, writer } = identity;
  return {
    source: "swanlab",
    path: ref.path,
    directory: directoryOf(ref),
    id,
    ...given({ name, project, workspace, startedAt }),
    writer,
  };
}
