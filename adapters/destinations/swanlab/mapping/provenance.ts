import type { FinishEvent, IdentityEvent } from "../../../../src/model/event.ts";
import type { Json, JsonObject, MutableJsonObject } from "../../../../src/model/json.ts";
import type { RunInfo } from "../../../../src/model/run.ts";
import { isoTime } from "./environment.ts";

/** What is known of a run besides what SwanLab has fields for. */
export interface Origin {
  /** "runferry 0.1.0". */
  readonly tool: string;
  readonly run: RunInfo;
  readonly identity: Omit<IdentityEvent, "type" | "seq"> | undefined;
  readonly finish: FinishEvent | undefined;
  /** When the run ended, as far as known; ms since epoch. */
  readonly endedAt: number | undefined;
  /** Texts that were too long for their fields. */
  readonly cut: JsonObject;
  readonly artifacts: readonly Json[];
}

/** The block of the metadata that tells where a run came from. */
export function provenance(origin: Origin): JsonObject {
  const { tool, run, identity, finish, endedAt, cut, artifacts } = origin;
  const startedAt = identity?.startedAt ?? run.startedAt;
  const fork = identity?.forkedFrom;
  const known: { readonly [field: string]: Json | undefined } = {
    tool,
    source: run.writer.tracker,
    version: run.writer.version,
    format: run.writer.format,
    id: identity?.id ?? run.id,
    directory: run.directory,
    project: identity?.project ?? run.project,
    [run.writer.tracker === "wandb" ? "entity" : "workspace"]: identity?.workspace ??
      run.workspace,
    host: identity?.host,
    startedAt: startedAt === undefined ? undefined : isoTime(startedAt),
    finishedAt: endedAt === undefined ? undefined : isoTime(endedAt),
    state: finish?.state,
    exitCode: finish?.exitCode,
    sweep: identity?.sweep,
    resumed: identity?.resumed,
    forkedFrom: fork === undefined ? undefined : { ...fork },
    whole: Object.keys(cut).length === 0 ? undefined : cut,
    artifacts: artifacts.length === 0 ? undefined : artifacts,
  };
  const block: MutableJsonObject = {};
  for (const [field, value] of Object.entries(known)) {
    if (value !== undefined) block[field] = value;
  }
  return block;
}
