import type { RunEvent } from "../../../src/model/event.ts";

/** An event without its number, or one point of a row. */
export type Atom = Record<string, unknown>;

/** The events with rows taken apart, so that they can be compared with records one by one. */
export function atomsOf(events: readonly RunEvent[]): readonly Atom[] {
  return events.flatMap((event): Atom[] => {
    if (event.type !== "history" && event.type !== "system") {
      const { seq: _, ...rest } = event;
      return [{ ...rest }];
    }
    const { type, time, step, values } = event;
    return Object.entries(values).map(([key, value]) => ({ type, time, step, key, value }));
  });
}

/** Rows that could have been joined with the one before and were not. */
export function unjoinedRows(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.filter((event, at) => {
    const before = events[at - 1];
    if (event.type !== "history" && event.type !== "system") return false;
    if (before?.type !== event.type) return false;
    return before.step === event.step && before.time === event.time &&
      !Object.keys(event.values).some((key) => Object.hasOwn(before.values, key));
  });
}
