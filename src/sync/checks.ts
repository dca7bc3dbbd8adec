import type { Context, Destination } from "../adapter.ts";

/** Asks each destination once whether it can be used, and not before somebody wants to use it. */
export class Checks {
  readonly #context: Context;
  readonly #asked = new Map<Destination, Promise<void>>();
  #failure: unknown;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The error of the first destination that cannot be used. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @throws what the destination's check throws, the same each time. */
  ask(destination: Destination): Promise<void> {
    let asked = this.#asked.get(destination);
    if (asked === undefined) {
      asked = this.#ask(destination);
      this.#asked.set(destination, asked);
    }
    return asked;
  }

  async #ask(destination: Destination): Promise<void> {
    try {
      await destination.check(this.#context);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }
}
