import { Digest } from "../../../src/model/digest.ts";

const high = 2 ** 32;
const highBits = 0x1fffff;

/**
 * Remembers paths by 53 bits of their hash, so that a run with a million files takes little memory.
 * That two of a million paths are mixed up has a chance of one in 20,000.
 */
export class PathSet {
  readonly #hashes = new Set<number>();

  /** Adds a path; false when it was there. */
  add(path: string): boolean {
    const hash = hashOf(path);
    if (this.#hashes.has(hash)) return false;
    this.#hashes.add(hash);
    return true;
  }

  has(path: string): boolean {
    return this.#hashes.has(hashOf(path));
  }
}

function hashOf(path: string): number {
  const digest = new Digest().text(path);
  return (digest.high & highBits) * high + (digest.low >>> 0);
}
