import type { Lock } from "./lock.ts";

/** A lock that is held, by how many, and whether it is just being given back. */
interface Holding {
  readonly lock: Promise<Lock | undefined>;
  holders: number;
  ending?: Promise<void>;
}

/** Locks that this process holds once, however many of its lanes need them. */
export class SharedLocks {
  readonly #held = new Map<string, Holding>();

  /**
   * Holds a lock until disposed; `take` takes it where no other lane has it.
   * @throws what `take` throws.
   */
  async hold(path: string, take: () => Promise<Lock | undefined>): Promise<AsyncDisposable> {
    let holding = this.#held.get(path);
    while (holding?.ending !== undefined) {
      await holding.ending;
      holding = this.#held.get(path);
    }
    holding ??= { lock: take(), holders: 0 };
    this.#held.set(path, holding);
    holding.holders++;
    const held = holding;
    try {
      await held.lock;
    } catch (error) {
      await this.#release(path, held);
      throw error;
    }
    return { [Symbol.asyncDispose]: () => this.#release(path, held) };
  }

  async #release(path: string, holding: Holding): Promise<void> {
    holding.holders--;
    if (holding.holders > 0) return;
    holding.ending = this.#end(path, holding);
    await holding.ending;
  }

  async #end(path: string, { lock }: Holding): Promise<void> {
    try {
      const taken = await lock.catch(() => undefined);
      await taken?.[Symbol.asyncDispose]();
    } finally {
      this.#held.delete(path);
    }
  }
}
