import { basename } from "node:path";
import type { Context, Place, RunReader, Source } from "../../../src/adapter.ts";
import { runDirectory } from "../../../src/files/run_directory.ts";
import type { RunInfo, RunRef } from "../../../src/model/run.ts";
import { type Identity, identityOf } from "./identity.ts";
import { given } from "./json_fields.ts";
import { openLog, type RunLog } from "./log_file.ts";
import { idFromNames, recogniseRuns } from "./recognise.ts";
import { WandbReader } from "./run_reader.ts";
import { statusOf } from "../../../src/files/status_of.ts";

/**
 * W&B runs as every client from 0.12 to 0.31 leaves them on disk, Python and Go, online and offline,
 * with blocks counted from either place, and as far as names and files tell it without their log.
 */
export const wandb: Source = {
  name: "wandb",
  recognise(place: Place): Promise<readonly RunRef[]> {
    return Promise.resolve(recogniseRuns(place));
  },
  async open(ref: RunRef, context: Context): Promise<RunReader> {
    const files = runDirectory(ref.path, {
      followOutside: context.followOutside,
      ...given({ mark: ref.mark }),
    });
    const log = ref.log === undefined ? undefined : await openLog(ref.log);
    const identity = identify(ref, log);
    const isDirectory = statusOf(ref.path)?.isDirectory() === true;
    const root = isDirectory ? ref.path : undefined;
    return new WandbReader(
      { info: infoOf(ref, identity, log), identity, files, root, log },
      context,
    );
  },
};

/** Who the run is: by its first run record, else by the names of its files. */
function identify(ref: RunRef, log: RunLog | undefined): Identity {
  const format = log === undefined ? "no log" : `leveldb v${log.version ?? "?"}`;
  return {
    id: idFromNames(ref),
    writer: { tracker: "wandb", ...given({ version: log?.client }), format },
    ...identityOf(log?.run ?? {}),
  };
}

function infoOf(ref: RunRef, identity: Identity, log: RunLog | undefined): RunInfo {
  const { id, name, project, workspace, startedAt, writer } = identity;
  return {
    source: "wandb",
    path: ref.path,
    directory: basename(ref.path, ".wandb"),
    id,
    ...given({ name, project, workspace, startedAt, beginning: log?.beginning }),
    writer,
  };
}
