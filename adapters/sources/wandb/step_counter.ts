import type { Integer } from "../../../src/model/json.ts";

/**
 * Gives each history row its step, the way the newest client does it for logs of any age: the
 * `_step` item counts, but never takes a step back; without it the record's own step; without both
 * the row takes the next step. Seen in the not yet released change that leaves out automatic steps.
 */
export class StepCounter {
  #next: Integer = 0;

  /** Begins at the step that the run was started with; of several, the largest counts. */
  start(step: Integer): void {
    if (step > this.#next) this.#next = step;
  }

  /**
   * The step of the next row; undefined when the row is void, because its record asks for a step
   * that is over. `item` is the `_step` item where that is a whole number, `record` the step of the
   * record where it has one.
   */
  step(item: Integer | undefined, record: Integer | undefined): Integer | undefined {
    let step = this.#next;
    if (item !== undefined) {
      if (item > step) step = item;
    } else if (record !== undefined) {
      if (record < step) return undefined;
      step = record;
    }
    this.#next = successor(step);
    return step;
  }
}

function successor(step: Integer): Integer {
  if (typeof step === "number" && step < Number.MAX_SAFE_INTEGER) return step + 1;
  const next = BigInt(step) + 1n;
  return Number.isSafeInteger(Number(next)) ? Number(next) : next;
}
