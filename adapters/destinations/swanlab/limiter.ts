/** Lets only so many things be under way at once. */
export class Limiter {
  readonly #most: number;
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Does some work once there is room for it. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    // Nothing may come between seeing that there is room and taking it.
    while (this.#isFull) await this.#change();
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Resolves when there is room. */
  async room(): Promise<void> {
    while (this.#isFull) await this.#change();
  }

  get #isFull(): boolean {
    return this.#count >= this.#most;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
