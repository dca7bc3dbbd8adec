import type { Outcome } from "./outcome.ts";

/** Hands outcomes from many who work side by side to the one who reports them. */
export class OutcomeQueue {
  #waiting: Outcome[] = [];
  #wake: () => void = () => {};

  /** Adds an outcome. */
  add(outcome: Outcome): void {
    this.#waiting.push(outcome);
    this.#wake();
  }

  /**
   * The outcomes as they come, until `work` has ended.
   * @throws what `work` throws, once everything before was handed on.
   */
  async *until(work: Promise<void>): AsyncGenerator<Outcome, void, undefined> {
    let end: { readonly failure?: unknown } | undefined;
    const finish = (how: { readonly failure?: unknown }): void => {
      end = how;
      this.#wake();
    };
    void work.then(() => finish({}), (failure: unknown) => finish({ failure }));
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const isLast = end !== undefined;
      const outcomes = this.#waiting;
      this.#waiting = [];
      yield* outcomes;
      if (isLast) return await work;
      if (this.#waiting.length === 0 && end === undefined) await promise;
    }
  }
}
