const bars = "▁▂▃▄▅▆▇█";

/**
 * Draws numbers as one character each, the lowest as the lowest bar. Numbers that are not finite
 * are drawn as "×", an empty place as a space. Equal numbers are drawn at half height.
 */
export function sparkline(values: readonly (number | undefined)[]): string {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return values.map((value) => {
    if (value === undefined) return " ";
    if (!Number.isFinite(value)) return "×";
    if (low === high) return bars[3];
    const share = value / 2 - low / 2;
    return bars[Math.round(share / (high / 2 - low / 2) * (bars.length - 1))];
  }).join("");
}

/**
 * Keeps the shape of any number of values in a fixed number of buckets: when they are full,
 * neighbours are joined and each bucket then takes twice as many values.
 */
export class Sketch {
  readonly #size: number;
  readonly #sums: number[] = [];
  readonly #counts: number[] = [];
  #perBucket = 1;
  #filled = 0;

  /** @param size Buckets to keep; even. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Takes one more value. */
  add(value: number): void {
    if (this.#filled === 0) {
      if (this.#sums.length === this.#size) this.#halve();
      this.#sums.push(0);
      this.#counts.push(0);
    }
    const last = this.#sums.length - 1;
    if (Number.isFinite(value)) {
      this.#sums[last] = (this.#sums[last] ?? 0) + value;
      this.#counts[last] = (this.#counts[last] ?? 0) + 1;
    }
    this.#filled = (this.#filled + 1) % this.#perBucket;
  }

  /** The mean of each of at most `columns` buckets; NaN where none of the values was finite. */
  values(columns: number): readonly number[] {
    const buckets = this.#sums.length;
    const width = Math.max(1, Math.min(columns, buckets));
    const means: number[] = [];
    for (let index = 0; index < Math.min(width, buckets); index++) {
      const from = Math.floor(index * buckets / width);
      const to = Math.floor((index + 1) * buckets / width);
      means.push(this.#mean(from, to));
    }
    return means;
  }

  #mean(from: number, to: number): number {
    let mean = 0;
    let count = 0;
    for (let index = from; index < to; index++) {
      const more = this.#counts[index] ?? 0;
      if (more === 0) continue;
      count += more;
      mean += ((this.#sums[index] ?? 0) / more - mean) * (more / count);
    }
    return count === 0 ? NaN : mean;
  }

  #halve(): void {
    const half = this.#size / 2;
    for (let index = 0; index < half; index++) {
      this.#sums[index] = (this.#sums[2 * index] ?? 0) +
        (this.#sums[2 * index + 1] ?? 0);
      this.#counts[index] = (this.#counts[2 * index] ?? 0) +
        (this.#counts[2 * index + 1] ?? 0);
    }
    this.#sums.length = half;
    this.#counts.length = half;
    this.#perBucket *= 2;
  }
}
