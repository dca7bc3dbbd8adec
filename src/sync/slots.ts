/**
 * Lets only so many work at the same time; the others wait in their order, but that those come first
 * who have begun.
 */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #returning: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when one is free; each must be given back. `hasBegun` goes before who has not. */
  async take(hasBegun: boolean = false): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const waiting = hasBegun ? this.#returning : this.#waiting;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Gives one back. */
  give(): void {
    const next = this.#returning.shift() ?? this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  /** Does something as soon as one is free. */
  async within<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.take();
    try {
      return await work();
    } finally {
      this.give();
    }
  }

  /** Waits for something without holding the one that was taken. */
  async without<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.give();
    try {
      return await wait();
    } finally {
      await this.take(true);
    }
  }
}
