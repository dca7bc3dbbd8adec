import type { RunEvent } from "../../../src/model/event.ts";

/** Numbers the events of one pass over a run and holds them until they are taken. */
export class RunEvents {
  #list: RunEvent[] = [];
  #next = 0;

  /** The `seq` of the event that is added next; ask once for each. */
  next(): number {
    return this.#next++;
  }

  /** Adds an event that has its number from {@link next}. */
  add(event: RunEvent): void {
    this.#list.push(event);
  }

  /** Adds a place that could not be read; `offset` and `bytes` are those of the log. */
  gap(offset: number, bytes: number, reason: string): void {
    this.add({ type: "gap", seq: this.next(), offset, bytes, reason });
  }

  /** Adds something that was read and has no event of its own. */
  unknown(record: number | string, bytes: number): void {
    this.add({ type: "unknown", seq: this.next(), record, bytes });
  }

  /** The events since the last call. */
  take(): RunEvent[] {
    const list = this.#list;
    this.#list = [];
    return list;
  }
}
