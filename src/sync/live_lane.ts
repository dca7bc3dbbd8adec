import type { Context, Destination, Receipt, Remote, RunFiles, RunWriter } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";
import { type Advance, type Journaling, LaneJournal } from "./lane_journal.ts";
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

/** How far a run has come. */
interface Progressed {
  readonly seq: number;
  readonly points: number;
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
  /** The last event that was written, and the points up to it; and the same of what arrived. */
  #written: Progressed = { seq: -1, points: 0 };
  #arrived: Progressed = { seq: -1, points: 0 };
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
      this.#settled = await journal?.settled() !== undefined;
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

  /** Delivers a batch; with it, the run has had so many `points`. */
  write(batch: readonly RunEvent[], points: number): Promise<void> {
    return this.#attempt((writer) => {
      this.#events += batch.length;
      this.#written = { seq: batch.at(-1)?.seq ?? this.#written.seq, points };
      return writer.write(batch);
    });
  }

  /** Has everything arrive that was written. */
  async flush(): Promise<void> {
    await this.#attempt((writer) => writer.flush());
    if (!this.open || this.#arrived.seq < this.#written.seq) return;
    await this.#noting((journal) => journal.advanced(() => this.#advance()));
  }

  /** Ends the lane; what arrived stays. */
  async close(): Promise<void> {
    if (this.#arrived.seq >= 0) {
      await this.#noting((journal) => journal.acknowledged(this.#advance()));
    }
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
      const { through, present, losses } = await step(writer);
      if (through >= this.#written.seq) this.#arrived = this.#written;
      this.#present += present;
      this.#losses.add(losses);
      this.#remote = writer.remote;
    } catch (error) {
      this.#fail(error);
    }
  }

  #advance(): Advance {
    const { sent, present, losses } = this.report();
    return { through: this.#arrived.seq, points: this.#arrived.points, sent, present, losses };
  }

  async #noting(note: (journal: LaneJournal) => Promise<void>): Promise<void> {
    try {
      if (this.#journal !== undefined) await note(this.#journal);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }
}
