import { appendFileSync } from "node:fs";

/** What happens in a campaign: how often, and in which order. */
export class Diary {
  readonly #path: string;
  readonly #counts = new Map<string, number>();

  /** @param path of the file that tells what happened when. */
  constructor(path: string) {
    this.#path = path;
  }

  /** How often what happened. */
  get counts(): { readonly [what: string]: number } {
    return Object.fromEntries([...this.#counts].sort());
  }

  count(what: string, count: number = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  tell(text: string): void {
    appendFileSync(this.#path, `${new Date().toISOString()} ${text}\n`);
  }
}
