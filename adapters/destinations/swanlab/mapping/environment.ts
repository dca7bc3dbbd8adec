import type { AlertEvent, EnvironmentEvent, MetricEvent } from "../../../../src/model/event.ts";
import {
  type Json,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../../../../src/model/json.ts";
import type { Profile } from "./outbox.ts";
import { plainObject } from "./plain_json.ts";

/** Alerts and definitions that the metadata repeat. */
const mostRepeated = 1000;

/** Where the run ran, and what of it has no other place at SwanLab. */
export class EnvironmentMapping {
  #metadata: JsonObject = {};
  #requirements: string | undefined;
  #conda: string | undefined;
  readonly #alerts: JsonObject[] = [];
  readonly #definitions = new Map<string, JsonObject>();

  map({ metadata, requirements, conda }: EnvironmentEvent): void {
    this.#metadata = { ...this.#metadata, ...metadata };
    this.#requirements = requirements ?? this.#requirements;
    this.#conda = conda ?? this.#conda;
  }

  /** Alerts are log lines; here they keep their parts. */
  alert({ title, text, level, time }: AlertEvent): void {
    if (this.#alerts.length >= mostRepeated) return;
    const at = time === undefined ? {} : { time: isoTime(time) };
    this.#alerts.push({ title, text, level, ...at });
  }

  /** What another tracker says about a key and SwanLab's columns cannot. */
  definition({ seq: _seq, type: _type, time: _time, ...said }: MetricEvent): void {
    const { key } = said;
    if (this.#definitions.size >= mostRepeated && !this.#definitions.has(key)) return;
    const earlier = this.#definitions.get(key);
    this.#definitions.set(key, { ...earlier, ...plainObject(said as unknown as JsonObject) });
  }

  /** The profile without its configuration; `own` is what we add to the metadata. */
  result(own: JsonObject): Omit<Profile, "config"> {
    const metadata: MutableJsonObject = {};
    for (const [key, value] of Object.entries(plainObject(this.#metadata))) {
      setKey(metadata, key, value);
    }
    const lists: readonly (readonly [string, readonly Json[]])[] = [
      ["alerts", this.#alerts],
      ["metrics", [...this.#definitions.values()]],
    ];
    const filled = lists.filter(([, list]) => list.length > 0);
    metadata["runferry"] = { ...own, ...Object.fromEntries(filled) };
    return {
      metadata,
      ...(this.#requirements === undefined ? {} : { requirements: this.#requirements }),
      ...(this.#conda === undefined ? {} : { conda: this.#conda }),
    };
  }
}

/** A time in ms as ISO 8601 in UTC. */
export function isoTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
