import { CancelledError } from "../errors.ts";
import type { Shell } from "./shell.ts";

/** ms that what was read may still take to arrive once the program is asked to end. */
const drainTime = 8000;
/** ms that whatever is then broken off gets to clean up. */
const givingUp = 1000;

/** Gives what is under way some time once the user wants the program to end. */
export class Draining implements Disposable {
  readonly #controller = new AbortController();
  readonly #shell: Shell;
  readonly #stops: (() => void)[] = [];
  readonly #end: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(shell: Shell) {
    this.#shell = shell;
    if (shell.signal.aborted) this.#begin();
    else shell.signal.addEventListener("abort", this.#begin);
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves a moment after the time is over. */
  get over(): Promise<void> {
    return this.#end.promise;
  }

  readonly #begin = (): void => {
    const { every } = this.#shell;
    this.#stops.push(
      every(drainTime, () => this.#controller.abort(new CancelledError())),
      every(drainTime + givingUp, () => this.#end.resolve()),
    );
  };

  [Symbol.dispose](): void {
    this.#shell.signal.removeEventListener("abort", this.#begin);
    for (const stop of this.#stops) stop();
  }
}
