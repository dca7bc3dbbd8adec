import type { StepRange, Steps } from "./step_groups.ts";

/** How many ranges there is room for at first. */
const firstRoom = 4;

/**
 * A set of whole numbers that mostly grow by the same amount: steps of a metric, lines of a log.
 * Steady growth takes the room of one range however many numbers there are.
 */
export class StepSet implements Steps {
  /** How many numbers it holds. */
  size = 0;
  /** Ranges in ascending order that do not overlap: first, last and distance of each. */
  #ranges: Float64Array = new Float64Array(3 * firstRoom);
  #count = 0;
  /** Numbers that came after a larger one. */
  #late: Set<number> | undefined;

  /** Adds a number; false when it was there. */
  add(step: number): boolean {
    if (this.#count === 0 || step > this.#largest) this.#append(step);
    else {
      if (this.has(step)) return false;
      this.#late ??= new Set();
      this.#late.add(step);
    }
    this.size++;
    return true;
  }

  /** Whether it holds a number. */
  has(step: number): boolean {
    if (this.#count === 0 || step > this.#largest) return false;
    const at = this.#rangeAt(step);
    if (at >= 0) {
      const first = this.#ranges[at] as number;
      const last = this.#ranges[at + 1] as number;
      const distance = this.#ranges[at + 2] as number;
      if (step === first || step === last) return true;
      if (step < last && (step - first) % distance === 0) return true;
    }
    return this.#late?.has(step) ?? false;
  }

  /** Its numbers as ranges: the steady ones in order, then each of the late ones. */
  *ranges(): Generator<StepRange> {
    for (let at = 0; at < 3 * this.#count; at += 3) {
      yield [
        this.#ranges[at] as number,
        this.#ranges[at + 1] as number,
        this.#ranges[at + 2] as number,
      ];
    }
    for (const step of this.#late ?? []) yield [step, step, 0];
  }

  /** Its numbers: the steady ones in order, then the late ones. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at < 3 * this.#count; at += 3) {
      const first = this.#ranges[at] as number;
      const last = this.#ranges[at + 1] as number;
      const distance = this.#ranges[at + 2] as number;
      // Counted, because adding to a large step may leave it as it is.
      const count = distance === 0 ? 0 : Math.round((last - first) / distance);
      for (let place = 0; place < count; place++) yield first + place * distance;
      yield last;
    }
    if (this.#late !== undefined) yield* this.#late;
  }

  /** The first few of its numbers that another set does not hold. */
  missingIn(other: StepSet, most: number): readonly number[] {
    const missing: number[] = [];
    for (const step of this) {
      if (missing.length === most) break;
      if (!other.has(step)) missing.push(step);
    }
    return missing;
  }

  get #largest(): number {
    return this.#ranges[3 * this.#count - 2] as number;
  }

  #append(step: number): void {
    const at = 3 * (this.#count - 1);
    if (this.#count > 0) {
      const last = this.#ranges[at + 1] as number;
      const distance = this.#ranges[at + 2] as number;
      if (distance === 0 || step - last === distance) {
        this.#ranges[at + 1] = step;
        this.#ranges[at + 2] = step - last;
        return;
      }
    }
    this.#reserve();
    this.#ranges[at + 3] = step;
    this.#ranges[at + 4] = step;
    this.#ranges[at + 5] = 0;
    this.#count++;
  }

  #reserve(): void {
    if (3 * this.#count < this.#ranges.length) return;
    const larger = new Float64Array(2 * this.#ranges.length);
    larger.set(this.#ranges);
    this.#ranges = larger;
  }

  /** Where the last range begins whose first number is not larger; -1 when there is none. */
  #rangeAt(step: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[3 * middle] as number) <= step) low = middle + 1;
      else high = middle;
    }
    return 3 * (low - 1);
  }
}
