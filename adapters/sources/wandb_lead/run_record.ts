import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { Integer, JsonObject } from "../../../src/model/json.ts";
import { type ConfigChange, readConfig } from "./config_record.ts";
import { readTelemetry } from "./telemetry_record.ts";
import { readTimestamp } from "./timestamp.ts";

/** What a RunRecord says; empty strings are absent, as the newest client merges them. */
export interface RunRecord {
  readonly id?: string;
  readonly workspace?: string;
  readonly project?: string;
  readonly config?: ConfigChange;
  readonly group?: string;
  readonly jobType?: string;
  readonly name?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly sweep?: string;
  readonly host?: string;
  readonly startingStep?: Integer;
  /** ms since epoch. */
  readonly startedAt?: number;
  readonly resumed?: boolean;
  readonly telemetry?: JsonObject;
  readonly git?: JsonObject;
  readonly forkedFrom?: { readonly run: string; readonly step?: Integer; readonly metric?: string };
}

/** A RunRecord under construction. */
type Building = { -readonly [field in keyof RunRecord]: RunRecord[field] };

const texts: { readonly [field: number]: keyof RunRecord } = {
  1: "id",
  2: "workspace",
  3: "project",
  6: "group",
  7: "jobType",
  8: "name",
  9: "description",
  12: "sweep",
  13: "host",
};

/** Reads a RunRecord; field numbers are the same in every version. */
export function readRun(message: ProtobufReader): RunRecord {
  const run: Building = {};
  const tags: string[] = [];
  while (message.next()) {
    const { field } = message;
    const name = texts[field];
    if (name !== undefined) {
      const text = message.string();
      if (text !== "") Object.assign(run, { [name]: text });
    } else if (field === 10) tags.push(message.string());
    else readRare(run, message);
  }
  if (tags.length > 0) run.tags = tags;
  return run;
}

function readRare(run: Building, message: ProtobufReader): void {
  switch (message.field) {
    case 4:
      run.config = readConfig(message.message());
      return;
    case 14:
      run.startingStep = message.int();
      return;
    case 17:
      run.startedAt = readTimestamp(message.message());
      return;
    case 18:
    case 24:
      if (message.bool()) run.resumed = true;
      return;
    case 19:
      run.telemetry = readTelemetry(message.message());
      return;
    case 21:
      run.git = readGit(message.message());
      return;
    case 23:
      run.forkedFrom = readBranchPoint(message.message());
      return;
    default:
      message.skip();
  }
}

/** GitRepoRecord, with the names that wandb-metadata.json has for its fields. */
export function readGit(message: ProtobufReader): JsonObject {
  const git: { [key: string]: string } = {};
  while (message.next()) {
    if (message.field === 1) git["remote"] = message.string();
    else if (message.field === 2) git["commit"] = message.string();
    else message.skip();
  }
  return git;
}

function readBranchPoint(message: ProtobufReader): NonNullable<RunRecord["forkedFrom"]> {
  let run = "";
  let step: number | undefined;
  let metric: string | undefined;
  while (message.next()) {
    if (message.field === 1) run = message.string();
    else if (message.field === 2) step = message.double();
    else if (message.field === 3) metric = message.string();
    else message.skip();
  }
  return {
    run,
    ...(step === undefined ? {} : { step }),
    ...(metric === undefined ? {} : { metric }),
  };
}
