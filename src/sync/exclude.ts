import type { EventType, RunEvent } from "../model/event.ts";

/** What the user does not want ferried. */
export interface Excluded {
  readonly console: boolean;
  readonly media: boolean;
}

/**
 * Leaves out what the user excluded and numbers the rest anew, so that `seq` stays free of gaps.
 * `counts` tells how many events of each type were left out.
 */
export class Exclusion {
  readonly counts: { [type in EventType]?: number } = {};
  readonly #types: ReadonlySet<EventType>;
  #removed = 0;

  constructor(excluded: Excluded) {
    const types: EventType[] = [];
    if (excluded.console) types.push("console");
    if (excluded.media) types.push("media");
    this.#types = new Set(types);
  }

  /** The events that stay; the same array when nothing is excluded. */
  apply(events: readonly RunEvent[]): readonly RunEvent[] {
    if (this.#types.size === 0) return events;
    const kept: RunEvent[] = [];
    for (const event of events) {
      if (this.#types.has(event.type)) {
        this.#removed++;
        this.counts[event.type] = (this.counts[event.type] ?? 0) + 1;
      } else {
        kept.push(
          this.#removed === 0 ? event : { ...event, seq: event.seq - this.#removed },
        );
      }
    }
    return kept;
  }
}
