import { basename } from "node:path";
import type { Context, RunReader, Source } from "../../../src/adapter.ts";
import { runDirectory } from "../../../src/files/run_directory.ts";
import type { RunRef } from "../../../src/model/run.ts";
import { type LogHead, openLog } from "./log_head.ts";
import { recogniseRuns, runDirectoryName, sourceName } from "./recognise.ts";
import { type Identity, WandbReader } from "./run_reader.ts";

/**
 * W&B runs as every client from 0.12 to 0.31 leaves them on disk, online and offline: the `.wandb`
 * log of the Python and Go writers, and what lies beside it.
 */
export const wandb: Source = {
  name: sourceName,
  recognise: (place) => Promise.resolve(recogniseRuns(place)),
  open,
};

async function open(ref: RunRef, context: Context): Promise<RunReader> {
  const log = ref.log === undefined ? undefined : await openLog(ref.log);
  const identity = identityOf(ref, log);
  const { id, name, project, workspace, startedAt, writer } = identity;
  return new WandbReader({
    info: {
      source: sourceName,
      path: ref.path,
      directory: basename(ref.path, ".wandb"),
      id,
      ...(name === undefined ? {} : { name }),
      ...(project === undefined ? {} : { project }),
      ...(workspace === undefined ? {} : { workspace }),
      ...(startedAt === undefined ? {} : { startedAt }),
      writer,
    },
    identity,
    files: runDirectory(ref.path, { followOutside: context.followOutside }),
    ...(log === undefined ? { missing: "the log is missing" } : { log }),
    lone: ref.log === ref.path,
  }, context);
}

/** Who the run is: what its run record says, and where it says nothing, what the names tell. */
function identityOf(ref: RunRef, log: LogHead | undefined): Identity {
  const { config: _, startingStep: __, telemetry: ___, git: ____, ...run } = log?.run ?? {};
  const version = log?.version === undefined ? {} : { version: log.version };
  const format = log === undefined ? "no log" : `.wandb ${log.format}`;
  return { ...run, id: run.id ?? idOf(ref), writer: { tracker: "wandb", ...version, format } };
}

/** The id in the name of the log, `run-ID.wandb`, or of the run directory. */
function idOf(ref: RunRef): string {
  if (ref.log !== undefined) return basename(ref.log, ".wandb").replace(/^run-/, "");
  return runDirectoryName.exec(basename(ref.path))?.[1] ?? basename(ref.path);
}
