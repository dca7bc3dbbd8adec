import { dirname } from "node:path";
import { filesOfOthers } from "./clean_open_files.ts";

/** ms for which what processes have open is not looked up again. */
const fresh = 5000;

/**
 * Who has which run open. One look at all processes of this machine answers for every run, however
 * many are asked about at once.
 */
export class Writers {
  readonly #now: () => number;
  readonly #list: () => AsyncIterable<string>;
  #lookedAt = -Infinity;
  #inUse: Promise<ReadonlySet<string>> = Promise.resolve(new Set());

  /** `now` in ms; `list` gives the paths of the files that others have open. */
  constructor(now: () => number, list: () => AsyncIterable<string> = filesOfOthers) {
    this.#now = now;
    this.#list = list;
  }

  /** Whether another process is known to have, or had just now, a file at or below a directory open. */
  async has(directory: string): Promise<boolean> {
    const now = this.#now();
    // A clock may be set back.
    if (Math.abs(now - this.#lookedAt) >= fresh) {
      this.#lookedAt = now;
      this.#inUse = this.#look();
    }
    return (await this.#inUse).has(directory);
  }

  /** Every open file with all directories above it. */
  async #look(): Promise<ReadonlySet<string>> {
    const inUse = new Set<string>();
    for await (const path of this.#list()) {
      for (let at = path; at.startsWith("/") && !inUse.has(at); at = dirname(at)) inUse.add(at);
    }
    return inUse;
  }
}
