/**
 * The numbers that lines of a run have, none twice. Held as ranges, so that memory grows with the
 * holes and not with the lines.
 */
export class LineNumbers {
  /** Sorted, apart, first and last number of each. */
  readonly #ranges: [number, number][] = [];

  /** `wanted` if no line has it, else the one after the largest. */
  claim(wanted: number): number {
    const last = this.#ranges.at(-1);
    if (last === undefined || wanted > last[1]) return this.#append(wanted);
    const at = this.#ranges.findIndex(([, end]) => wanted <= end);
    const range = this.#ranges[at];
    if (range === undefined || wanted >= range[0] || wanted < 1) return this.next();
    this.#insert(at, wanted);
    return wanted;
  }

  /** The number after the largest. */
  next(): number {
    return this.#append((this.#ranges.at(-1)?.[1] ?? 0) + 1);
  }

  #append(number: number): number {
    const last = this.#ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else this.#ranges.push([number, number]);
    return number;
  }

  /** Puts a free number in front of the range at a place. */
  #insert(at: number, number: number): void {
    const before = this.#ranges[at - 1];
    const after = this.#ranges[at];
    if (after === undefined) return;
    const joins = after[0] === number + 1;
    if (before !== undefined && before[1] === number - 1) {
      before[1] = joins ? after[1] : number;
      if (joins) this.#ranges.splice(at, 1);
    } else if (joins) after[0] = number;
    else this.#ranges.splice(at, 0, [number, number]);
  }
}
