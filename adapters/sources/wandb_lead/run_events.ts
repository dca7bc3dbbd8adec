import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { chartEvents } from "./chart_config.ts";
import type { ConfigChange } from "./config_record.ts";
import { readEnvironment } from "./environment_record.ts";
import type { EventList } from "./event_list.ts";
import { record } from "./record_fields.ts";
import type { Identity } from "./run_reader.ts";
import type { RunRecord } from "./run_record.ts";

/** Turns records about the run itself into events, each thing once: clients repeat them all the time. */
export class RunEvents {
  readonly #events: EventList;
  /** What was passed on about charts, labels and the environment. */
  readonly #said = new Set<string>();
  /** What was passed on last about who the run is. */
  #identity: Identity;
  /** Whether the log has a config, and whether it has an environment. */
  readonly told: { config: boolean; environment: boolean } = { config: false, environment: false };

  constructor(events: EventList, identity: Identity) {
    this.#events = events;
    this.#identity = identity;
    events.add({ type: "run", ...identity });
  }

  /** Takes a RunRecord. */
  run({ config, startingStep: _, telemetry, git, ...run }: RunRecord): void {
    const { id, writer } = this.#identity;
    const identity = { ...run, id: run.id ?? id, writer };
    if (textOf(identity) !== textOf(this.#identity)) {
      this.#events.add({ type: "run", ...identity });
    }
    this.#identity = identity;
    if (config !== undefined) this.config(config);
    if (telemetry !== undefined) this.environment(telemetry);
    if (git !== undefined) this.environment({ git });
  }

  /** Takes a ConfigRecord. */
  config({ set, remove, internal, malformed }: ConfigChange): void {
    if (Object.keys(set).length > 0 || remove.length > 0) {
      this.told.config = true;
      this.#events.add({ type: "config", set, ...(remove.length === 0 ? {} : { remove }) });
    }
    for (const event of chartEvents(internal)) {
      if (this.#isNews(event)) this.#events.add(event);
    }
    this.#events.addMalformed("config", malformed);
  }

  /** Takes what is known of the environment. */
  environment(metadata: JsonObject): void {
    if (Object.keys(metadata).length === 0 || !this.#isNews(metadata)) return;
    this.#events.add({ type: "environment", metadata });
  }

  /**
   * Takes an EnvironmentRecord of so many bytes; its field was something else, of no use to anyone,
   * in 0.16.5 and 0.16.6.
   */
  environmentRecord(message: ProtobufReader, bytes: number): void {
    if (/^0\.(16|17)\./.test(this.#identity.writer.version ?? "")) {
      this.#events.add({ type: "unknown", record: record.environment, bytes });
      return;
    }
    this.told.environment = true;
    this.environment(readEnvironment(message));
  }

  #isNews(value: unknown): boolean {
    const text = textOf(value);
    if (this.#said.has(text)) return false;
    this.#said.add(text);
    return true;
  }
}

/** A text that is equal for equal values. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? part.toString() : part) ??
    "";
}
