import type { HistoryValue, RunEvent } from "../../../src/model/event.ts";
import { type Integer, setKey } from "../../../src/model/json.ts";
import type { Key } from "./key_table.ts";

/**
 * Which points of one key and step are passed on: `first` drops the later ones, as every client
 * does while it logs; `all` passes each of them on, so that the last one wins wherever they go.
 */
export type Repeats = "first" | "all";

/**
 * Numbers the events of a run and joins neighbouring points of the same step and time into rows.
 * A row stays open over {@link take}, so that the events are the same however the log is cut.
 */
export class EventBatch {
  readonly #repeats: Repeats;
  /** Whether the steps of keys are remembered at all. */
  readonly #remember: boolean;
  #events: RunEvent[] = [];
  #seq = 0;

  /** Number of the open row; 0 is none, and no key's newest row is the next one's number. */
  #row = 0;
  #open = false;
  #step: Integer = 0;
  #time: number | undefined;
  #system = false;
  #values: { [key: string]: HistoryValue } = {};

  /** Without `repeats` it is known that no point comes twice. */
  constructor(repeats?: Repeats) {
    this.#repeats = repeats ?? "all";
    this.#remember = repeats !== undefined;
  }

  /** The number of the next event; everything open is closed before it. */
  next(): number {
    if (this.#open) this.#close();
    return this.#seq++;
  }

  /** Adds an event that has its number from {@link next}. */
  add(event: RunEvent): void {
    this.#events.push(event);
  }

  /** Adds a point; `time` is in ms since epoch. */
  point(
    key: Key,
    step: Integer,
    time: number | undefined,
    value: HistoryValue,
  ): void {
    if (this.#remember && !this.isNew(key, step)) return;
    const isSystem = key.system && typeof value === "number";
    if (
      !this.#open || step !== this.#step || time !== this.#time ||
      key.row === this.#row || isSystem !== this.#system
    ) {
      this.#begin(step, time, isSystem);
    }
    key.row = this.#row;
    setKey(this.#values, key.text, value);
  }

  /** Remembers a point; false when it repeats an earlier one and is to be dropped. */
  isNew(key: Key, step: Integer): boolean {
    if (!this.#remember) return true;
    return key.steps.add(step) || this.#repeats === "all";
  }

  /** Whether no point of this key and step was added yet; always true where none is remembered. */
  lacks(key: Key, step: Integer): boolean {
    return !this.#remember || !key.steps.has(step);
  }

  /** The events since the last call; what is open stays for the next one. */
  take(): RunEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Closes what is open. */
  flush(): void {
    if (this.#open) this.#close();
  }

  #begin(step: Integer, time: number | undefined, system: boolean): void {
    if (this.#open) this.#close();
    this.#open = true;
    this.#row++;
    this.#step = step;
    this.#time = time;
    this.#system = system;
    this.#values = {};
  }

  #close(): void {
    this.#open = false;
    const type = this.#system ? "system" : "history";
    const row = {
      type,
      seq: this.#seq++,
      ...(this.#time === undefined ? {} : { time: this.#time }),
      step: this.#step,
      values: this.#values,
    };
    this.#events.push(row as RunEvent);
  }
}
