import type { Integer } from "../../../src/model/json.ts";

/**
 * Gives every history row its step, by the rule of the newest client for logs of any age: a whole
 * number in the row's `_step` counts, but never goes back; else the step of the record; else the
 * next one.
 */
export class Steps {
  #next: Integer;

  constructor(startingStep: Integer = 0) {
    this.#next = startingStep;
  }

  /** Begins at another step, as a resumed run does. */
  startAt(step: Integer): void {
    if (step > this.#next) this.#next = step;
  }

  /**
   * The step of a row with this `_step` item and this record step, where it has them; undefined
   * when the client itself would drop the row because its explicit step goes back.
   */
  assign(item: Integer | undefined, explicit: Integer | undefined): Integer | undefined {
    const next = this.#next;
    if (item !== undefined) return this.#take(item > next ? item : next);
    if (explicit === undefined) return this.#take(next);
    return explicit < next ? undefined : this.#take(explicit);
  }

  #take(step: Integer): Integer {
    this.#next = typeof step === "number" && step < Number.MAX_SAFE_INTEGER
      ? step + 1
      : BigInt(step) + 1n;
    return step;
  }
}
