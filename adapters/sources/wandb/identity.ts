import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { IdentityEvent, Writer } from "../../../src/model/event.ts";
import { type Integer, isObject, type JsonObject } from "../../../src/model/json.ts";
import { given, member, numberOf, objectOf, textOf, textsOf } from "./json_fields.ts";
import type { RunEvents } from "./run_events.ts";

/** Who a run is, without its place in the stream. */
export type Identity = Omit<IdentityEvent, "type" | "seq">;

/** Fields of a RunRecord that {@link identityOf} reads, or that are passed on elsewhere. */
export const identityFields: ReadonlySet<string> = new Set([
  ...["run_id", "entity", "project", "run_group", "job_type", "display_name", "notes", "tags"],
  ...["sweep_id", "host", "start_time", "resumed", "branch_point", "telemetry", "git"],
]);

/** What a RunRecord says of who the run is; empty texts and lists say nothing. */
export function identityOf(run: JsonObject): Partial<Identity> {
  const tags = textsOf(run, "tags");
  return given({
    id: textOf(run, "run_id"),
    name: textOf(run, "display_name"),
    project: textOf(run, "project"),
    workspace: textOf(run, "entity"),
    description: textOf(run, "notes"),
    tags: tags.length > 0 ? tags : undefined,
    group: textOf(run, "run_group"),
    jobType: textOf(run, "job_type"),
    startedAt: numberOf(run, "start_time"),
    resumed: member(run, "resumed") === true ? true : undefined,
    forkedFrom: forkOf(objectOf(run, "branch_point")),
    sweep: textOf(run, "sweep_id"),
    host: textOf(run, "host"),
  });
}

function forkOf(point: JsonObject | undefined): Identity["forkedFrom"] {
  const run = textOf(point, "run");
  if (run === undefined) return undefined;
  const value = numberOf(point, "value") ?? 0;
  const step: Integer | undefined = Number.isSafeInteger(value) ? value : undefined;
  return { run, ...given({ step, metric: textOf(point, "metric") }) };
}

/** The client's version in a RunRecord or a header record, without the commit. */
export function versionOf(record: JsonObject | undefined): string | undefined {
  const client = textOf(member(record, "telemetry"), "cli_version");
  const producer = textOf(member(record, "version_info"), "producer");
  return client ?? producer?.split("+")[0];
}

/** Passes on who the run is whenever that changes. */
export class IdentityStream {
  readonly #events: RunEvents;
  #identity: Identity;
  #passedOn = "";

  constructor(events: RunEvents, id: string, writer: Writer) {
    this.#events = events;
    this.#identity = { id, writer };
  }

  /** When the run began, in ms since epoch. */
  get startedAt(): number | undefined {
    return this.#identity.startedAt;
  }

  /** Adds what a record says; a `run` event follows if that is new. */
  update(part: Partial<Identity>): void {
    this.#identity = { ...this.#identity, ...part };
    const text = writeLosslessJson(this.#identity);
    if (text === this.#passedOn) return;
    this.#passedOn = text;
    const { id, writer, ...rest } = this.#identity;
    const time = rest.startedAt;
    const seq = this.#events.next();
    this.#events.add({ type: "run", seq, ...given({ time }), id, ...rest, writer });
  }
}

/** Whether a value is an object with anything in it. */
export function isFilled(value: JsonObject | undefined): value is JsonObject {
  return isObject(value) && Object.keys(value).length > 0;
}
