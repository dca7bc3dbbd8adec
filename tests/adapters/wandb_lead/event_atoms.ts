import type { RunEvent } from "../../../src/model/event.ts";
import { factsOfEvent } from "./media_oracle.ts";
import type { Atom } from "./record_oracle.ts";

/** Types that follow from the log alone, each at the place of its record. */
const recorded: readonly string[] = [
  ...["run", "config", "environment", "metric", "history", "media", "system", "alert", "artifact"],
  "unknown",
];

/** What a log's events say, in the form of the oracle; what is worked out over all of it apart. */
export function atomsOf(events: readonly RunEvent[]): readonly Atom[] {
  return events.filter(({ type }) => recorded.includes(type)).map(atomOf);
}

function atomOf(event: RunEvent): Atom {
  const { seq: _, ...rest } = event;
  if (event.type === "media") {
    const { type, key, step, time } = event;
    return { type, key, time, step, ...factsOfEvent(event) };
  }
  if (event.type === "run") {
    const { writer, ...identity } = rest as typeof event;
    return { ...identity, version: writer.version };
  }
  if (event.type === "metric" && event.summary !== undefined) {
    return { ...rest, summary: event.summary.toSorted() };
  }
  return rest;
}
