import type { Integer } from "../../../src/model/json.ts";

/**
 * A set of whole numbers that mostly arrive in order, such as the steps of a key or the numbers of
 * records. Numbers that go on at an even distance cost nothing, so that ten million points stay
 * small; each change of the distance costs one run, and only stragglers are kept one by one.
 */
export class NumberSet {
  /** Runs in ascending order, each behind the one before; the last one is in the fields below. */
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];
  readonly #strides: number[] = [];
  #first = 0;
  #last = -Infinity;
  /** Distance within the last run; 0 while it holds one number. */
  #stride = 0;
  /** Numbers that came after a greater one. */
  #late: Set<Integer> | undefined;

  /** Adds a number; false when it was there already. */
  add(number: Integer): boolean {
    if (typeof number === "bigint" || number <= this.#last) {
      return this.#addLate(number);
    }
    const distance = number - this.#last;
    if (distance === this.#stride) {
      this.#last = number;
      return true;
    }
    if (this.#stride === 0 && this.#last !== -Infinity) {
      this.#stride = distance;
      this.#last = number;
      return true;
    }
    this.#begin(number);
    return true;
  }

  /** Whether a number is in the set. */
  has(number: Integer): boolean {
    if (this.#late?.has(number) === true) return true;
    if (typeof number === "bigint") return false;
    if (number >= this.#first) {
      return inRun(number, this.#first, this.#last, this.#stride);
    }
    let low = 0;
    let high = this.#firsts.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const first = this.#firsts[middle] as number;
      const last = this.#lasts[middle] as number;
      if (number < first) high = middle - 1;
      else if (number > last) low = middle + 1;
      else return inRun(number, first, last, this.#strides[middle] as number);
    }
    return false;
  }

  #addLate(number: Integer): boolean {
    if (this.has(number)) return false;
    this.#late ??= new Set();
    this.#late.add(number);
    return true;
  }

  /** Closes the last run and begins another one. */
  #begin(number: number): void {
    if (this.#last !== -Infinity) {
      this.#firsts.push(this.#first);
      this.#lasts.push(this.#last);
      this.#strides.push(this.#stride);
    }
    this.#first = number;
    this.#last = number;
    this.#stride = 0;
  }
}

function inRun(
  number: number,
  first: number,
  last: number,
  stride: number,
): boolean {
  if (number > last) return false;
  return stride === 0 ? number === first : (number - first) % stride === 0;
}
