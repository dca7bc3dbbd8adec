import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { Json, JsonObject, MutableJsonObject } from "../../../src/model/json.ts";
import { environment as environmentMessage } from "./environment_message.ts";
import { identityFields, isFilled } from "./identity.ts";
import { given, objectOf, without } from "./json_fields.ts";
import { list, type Message, type OnUnknownField, readMessage } from "./message.ts";
import type { RunEvents } from "./run_events.ts";
import { telemetry as telemetryMessage } from "./run_message.ts";

const paths: Message = { 1: list("path") };

/** What wandb 0.16.5 and 0.16.6 wrote as record 26: which configuration a launch may change. */
const launchParameters: Message = {
  1: list("include_paths", paths),
  2: list("exclude_paths", paths),
};

const tensorboardMessage: Message = {
  1: "log_dir",
  2: "save",
  3: "root_dir",
  4: "namespace",
  5: "save_path",
  6: "ignore_timestamp",
  7: "ignore_hostname",
};

/** TensorBoard folders that are remembered. */
const mostFolders = 1000;

/** The text files beside the log that tell about the environment. */
export interface EnvironmentFiles {
  /** `wandb-metadata.json`. */
  readonly metadata?: JsonObject;
  readonly requirements?: string;
  readonly conda?: string;
}

/**
 * Where a run ran, gathered from all over the log and passed on as one event at the end: the
 * environment records under the names of `wandb-metadata.json`, and beside them `git`, `telemetry`
 * (features by their numbers), `run` (what else the run record says), `tensorboard`, `preempting`,
 * `launch` and `_wandb` (what the client keeps in the configuration).
 */
export class Environment {
  readonly #events: RunEvents;
  readonly #onUnknown: OnUnknownField;
  readonly #metadata: MutableJsonObject = {};
  readonly #telemetry: MutableJsonObject = {};
  readonly #launch: MutableJsonObject = {};
  readonly #folders = new Map<string, Json>();
  #run: JsonObject = {};
  #git: JsonObject | undefined;
  /** Whether the program said that it is about to be preempted. */
  preempting = false;

  constructor(events: RunEvents, onUnknown: OnUnknownField) {
    this.#events = events;
    this.#onUnknown = onUnknown;
  }

  /** Takes in an environment record. */
  record(reader: ProtobufReader): void {
    readMessage(reader, environmentMessage, this.#metadata, this.#onUnknown);
  }

  /** Takes in what record 26 was before it became the environment. */
  launch(reader: ProtobufReader): void {
    readMessage(reader, launchParameters, this.#launch, this.#onUnknown);
  }

  /** Takes in a telemetry record. */
  telemetry(reader: ProtobufReader): void {
    readMessage(reader, telemetryMessage, this.#telemetry, this.#onUnknown);
  }

  /** Takes in a TensorBoard record; the metrics of that folder are in the log as history rows. */
  tensorboard(reader: ProtobufReader): void {
    const folder = readMessage(reader, tensorboardMessage, {}, this.#onUnknown);
    if (this.#folders.size < mostFolders) this.#folders.set(writeLosslessJson(folder), folder);
  }

  /** Takes in what a run record says beside who the run is. */
  run(record: JsonObject): void {
    this.#run = { ...this.#run, ...without(record, identityFields) };
    this.#git = objectOf(record, "git") ?? this.#git;
    const found = objectOf(record, "telemetry");
    if (found === undefined) return;
    for (const [name, value] of Object.entries(found)) this.#telemetry[name] ??= value;
  }

  /** Whether the log itself says where the run ran. */
  get isKnown(): boolean {
    return isFilled(this.#metadata);
  }

  /** Passes everything on, if there is anything. `internal` is the configuration's `_wandb`. */
  finish(files: EnvironmentFiles, internal: JsonObject | undefined): void {
    const known = this.isKnown ? this.#metadata : files.metadata ?? {};
    const metadata = {
      ...given({ git: this.#git }),
      ...known,
      ...given({
        telemetry: isFilled(this.#telemetry) ? this.#telemetry : undefined,
        run: isFilled(this.#run) ? this.#run : undefined,
        launch: isFilled(this.#launch) ? this.#launch : undefined,
        tensorboard: this.#folders.size > 0 ? [...this.#folders.values()] : undefined,
        preempting: this.preempting ? true : undefined,
        _wandb: internal,
      }),
    } as JsonObject;
    const { requirements, conda } = files;
    const found = given({
      metadata: isFilled(metadata) ? metadata : undefined,
      requirements,
      conda,
    });
    if (Object.keys(found).length === 0) return;
    this.#events.add({ type: "environment", seq: this.#events.next(), ...found });
  }
}
