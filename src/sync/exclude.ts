import type { EventType, RunEvent } from "../model/event.ts";

/** What the user does not want ferried. */
export interface Excluded {
  readonly console: boolean;
  readonly media: boolean;
  /** What of the points and lines is wanted; all without it. */
  readonly range?: Range;
}

/** Bounds that include their ends; each may be left open. Lines are bounded by time only. */
export interface Range {
  readonly startStep?: number;
  readonly endStep?: number;
  /** ms since epoch. */
  readonly startTime?: number;
  readonly endTime?: number;
}

/** Events that a range can leave out. */
const ranged: ReadonlySet<EventType> = new Set(["history", "media", "system", "console"]);

/**
 * Leaves out what the user excluded and numbers the rest anew, so that `seq` stays free of gaps.
 * `counts` tells how many events of each type were left out.
 */
export class Exclusion {
  readonly counts: { [type in EventType]?: number } = {};
  readonly #types: ReadonlySet<EventType>;
  readonly #range: Range | undefined;
  #removed = 0;

  constructor(excluded: Excluded) {
    const types: EventType[] = [];
    if (excluded.console) types.push("console");
    if (excluded.media) types.push("media");
    this.#types = new Set(types);
    this.#range = excluded.range;
  }

  /** The events that stay; the same array when nothing is excluded. */
  apply(events: readonly RunEvent[]): readonly RunEvent[] {
    if (this.#types.size === 0 && this.#range === undefined) return events;
    const kept: RunEvent[] = [];
    for (const event of events) {
      if (this.#types.has(event.type) || !this.#inRange(event)) {
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

  #inRange(event: RunEvent): boolean {
    if (this.#range === undefined || !ranged.has(event.type)) return true;
    const { startStep, endStep, startTime = -Infinity, endTime = Infinity } = this.#range;
    if (event.time !== undefined && (event.time < startTime || event.time > endTime)) return false;
    const step = "step" in event ? event.step : undefined;
    if (step === undefined) return true;
    return !(startStep !== undefined && step < startStep) &&
      !(endStep !== undefined && step > endStep);
  }
}

/** A range as a text, the same for equal ones. */
export function rangeText({ startStep, endStep, startTime, endTime }: Range): string {
  return `range ${JSON.stringify([startStep, endStep, startTime, endTime])}`;
}
