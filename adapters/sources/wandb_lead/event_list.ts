import type { RunEvent } from "../../../src/model/event.ts";

/** An event that has no number yet. */
export type Unnumbered = RunEvent extends infer Event
  ? Event extends RunEvent ? Omit<Event, "seq"> : never
  : never;

/** Numbers events in the order in which they are added. */
export class EventList {
  #events: RunEvent[] = [];
  #seq = 0;

  /** Adds an event. */
  add(event: Unnumbered): void {
    this.#events.push({ ...event, seq: this.#seq++ } as RunEvent);
  }

  /** Adds a name for every value that cannot be read: such values are told, not dropped. */
  addMalformed(kind: string, names: readonly string[]): void {
    for (const name of names) {
      this.add({ type: "unknown", record: `${kind} value of ${name}`, bytes: 0 });
    }
  }

  /** Adds a history row: the one event that comes by the million, made without a copy. */
  addRow(
    step: HistoryFields["step"],
    time: number | undefined,
    values: HistoryFields["values"],
  ): void {
    const seq = this.#seq++;
    this.#events.push(
      time === undefined
        ? { type: "history", seq, step, values }
        : { type: "history", seq, time, step, values },
    );
  }

  /** The events since the last call. */
  take(): readonly RunEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

type HistoryFields = Extract<RunEvent, { type: "history" }>;

/** The time of an event, where it is known. */
export function timed(time: number | undefined): { readonly time?: number } {
  return time === undefined ? {} : { time };
}
