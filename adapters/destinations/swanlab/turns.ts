/** Lets users of the same thing have it one after the other, in the order of their asking. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits until a thing is free; call the result to pass it on. */
  async take(name: string): Promise<() => void> {
    const before = this.#last.get(name);
    let release = (): void => {};
    const turn = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#last.set(name, turn);
    await before;
    return () => {
      if (this.#last.get(name) === turn) this.#last.delete(name);
      release();
    };
  }
}
