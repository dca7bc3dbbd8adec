import type { Context, Destination, RunFiles, RunWriter } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";

/**
 * One run on its way to one destination while it is still written. It never makes anything final:
 * that is left to a transfer, once the run has ended. A lane that failed takes no further part.
 */
export class LiveLane {
  readonly destination: Destination;
  #writer: RunWriter | undefined;
  #failure: unknown;

  constructor(destination: Destination) {
    this.destination = destination;
  }

  /** Whether it still takes part. */
  get open(): boolean {
    return this.#writer !== undefined && this.#failure === undefined;
  }

  /** Why it takes no further part. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Opens the run at the destination. */
  async begin(run: RunFiles, context: Context): Promise<void> {
    try {
      this.#writer = await this.destination.open(run, run.info.id, undefined, context);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Delivers a batch. */
  write(batch: readonly RunEvent[]): Promise<void> {
    return this.#attempt((writer) => writer.write(batch));
  }

  /** Has everything arrive that was written. */
  flush(): Promise<void> {
    return this.#attempt((writer) => writer.flush());
  }

  /** Ends the lane; what arrived stays. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    try {
      await writer?.[Symbol.asyncDispose]();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #attempt(step: (writer: RunWriter) => Promise<unknown>): Promise<void> {
    const writer = this.#writer;
    if (this.#failure !== undefined || writer === undefined) return;
    try {
      await step(writer);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }
}
