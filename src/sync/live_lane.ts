import type { Context, Destination, Receipt, Remote, RunFiles, RunWriter } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";
import { type Journaling, LaneJournal } from "./lane_journal.ts";
import { LossCounter } from "./loss_counter.ts";
import type { LossCount } from "./outcome.ts";
import type { Relatives } from "./relatives.ts";

/** What a destination has taken of a run that is not over. */
export interface LiveReport {
  readonly remote?: Remote;
  readonly sent: number;
  readonly present: number;
  readonly losses: readonly LossCount[];
}

/**
 * One run on its way to one destination while it is still written. It never makes anything final:
 * that is left to a transfer, once the run has ended. A lane that failed takes no further part.
 */
export class LiveLane {
  readonly destination: Destination;
  #writer: RunWriter | undefined;
  #journal: LaneJournal | undefined;
  readonly #losses: LossCounter = new LossCounter();
  #remote: Remote | undefined;
  #events = 0;
  #present = 0;
  #settled = false;
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

  /** Whether its journal says that nothing is left to be done. */
  get settled(): boolean {
    return this.#settled;
  }

  /** What became of what was written so far. */
  report(): LiveReport {
    return {
      ...(this.#remote === undefined ? {} : { remote: this.#remote }),
      sent: Math.max(0, this.#events - this.#present),
      present: this.#present,
      losses: this.#losses.result(),
    };
  }

  /** Keeps other processes off, and opens the run at the destination unless it is settled. */
  async begin(
    run: RunFiles,
    journaling: Journaling | undefined,
    context: Context,
    relatives: Relatives | undefined,
  ): Promise<void> {
    try {
      const journal = journaling && await LaneJournal.open(run.info, this.destination, journaling);
      this.#journal = journal;
      await journal?.hold();
      this.#settled = journal?.settled !== undefined;
      if (this.#settled) return;
      this.#writer = await this.destination.open(
        run,
        run.info.id,
        undefined,
        context,
        relatives && (() => relatives.ready(run.info, this.destination.name)),
      );
      await journal?.opened(this.#writer.remote);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Delivers a batch. */
  write(batch: readonly RunEvent[]): Promise<void> {
    return this.#attempt((writer) => {
      this.#events += batch.length;
      return writer.write(batch);
    });
  }

  /** Has everything arrive that was written. */
  flush(): Promise<void> {
    return this.#attempt((writer) => writer.flush());
  }

  /** Ends the lane; what arrived stays. */
  async close(): Promise<void> {
    const parts = [this.#writer, this.#journal];
    this.#writer = undefined;
    for (const part of parts) {
      try {
        await part?.[Symbol.asyncDispose]();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  async #attempt(step: (writer: RunWriter) => Promise<Receipt>): Promise<void> {
    const writer = this.#writer;
    if (this.#failure !== undefined || writer === undefined) return;
    try {
      const { present, losses } = await step(writer);
      this.#present += present;
      this.#losses.add(losses);
      this.#remote = writer.remote;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }
}
