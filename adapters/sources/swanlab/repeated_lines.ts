/** Lines with a greater number are not remembered. */
const mostLines = 1 << 24;

/**
 * Recognises terminal lines that a forked writer wrote again: the same number and the same bytes.
 * Four bytes per line are kept.
 */
export class RepeatedLines {
  #checksums: Uint32Array = new Uint32Array(1024);

  /** Whether a line of this number and checksum was seen before. */
  repeats(line: number, checksum: number): boolean {
    if (!(line >= 0 && line < mostLines)) return false;
    if (line >= this.#checksums.length) this.#grow(line);
    // 0 is an empty place.
    const mark = checksum === 0 ? 1 : checksum;
    if (this.#checksums[line] === mark) return true;
    if (this.#checksums[line] === 0) this.#checksums[line] = mark;
    return false;
  }

  #grow(line: number): void {
    const grown = new Uint32Array(Math.max(line + 1, 2 * this.#checksums.length));
    grown.set(this.#checksums);
    this.#checksums = grown;
  }
}
