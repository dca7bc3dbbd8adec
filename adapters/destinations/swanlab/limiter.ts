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
    await this.room();
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      this.#waiting.shift()?.();
    }
  }

  /** Resolves when there is room. */
  async room(): Promise<void> {
    while (this.#count >= this.#most) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
