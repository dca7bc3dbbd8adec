import type { Assurance, Context, Destination, Remote, RunFiles, RunWriter } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";
import type { Tally } from "../model/tally.ts";
import { VerifyError } from "../errors.ts";
import { errorReport } from "./error_report.ts";
import { LossCounter } from "./loss_counter.ts";
import type { ErrorReport } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import { WatchedFiles, type Wishes } from "./watched_files.ts";

/** What a lane tells about itself at the end. */
export interface LaneReport {
  readonly remote?: Remote;
  readonly sent: number;
  readonly present: number;
  readonly assurance: Assurance;
  readonly differences: readonly string[];
  readonly error?: ErrorReport;
}

/**
 * One run on its way to one destination. A lane that failed takes no further part and keeps its
 * error; the other lanes of the same run go on.
 */
export class Lane {
  readonly destination: Destination;
  readonly losses: LossCounter = new LossCounter();
  readonly #files: WatchedFiles;
  #writer: RunWriter | undefined;
  #remote: Remote | undefined;
  #held: Tally | undefined;
  #events = 0;
  #present = 0;
  #assurance: Assurance = "none";
  #differences: readonly string[] = [];
  #error: ErrorReport | undefined;

  constructor(
    destination: Destination,
    run: RunFiles,
    progress: Progress,
    wishes: Wishes,
  ) {
    this.destination = destination;
    this.#files = new WatchedFiles(run, progress, wishes);
  }

  /** Whether it still takes part. */
  get open(): boolean {
    return this.#error === undefined;
  }

  /** The sum of what the destination has already, if that is exactly this state of the run. */
  get held(): Tally | undefined {
    return this.#held;
  }

  /** How many files the destination read to their end. */
  get files(): number {
    return this.#files.tallies.size;
  }

  /** Opens the run at the destination. */
  async begin(context: Context): Promise<void> {
    try {
      const { info } = this.#files;
      this.#writer = await this.destination.open(
        this.#files,
        info.id,
        undefined,
        context,
      );
      this.#remote = this.#writer.remote;
      this.#held = this.#writer.held;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Delivers a batch. */
  write(batch: readonly RunEvent[]): Promise<void> {
    return this.#attempt(async (writer) => {
      const receipt = await writer.write(batch);
      this.#events += batch.length;
      this.#present += receipt.present;
      this.losses.add(receipt.losses);
    });
  }

  /** Takes a batch that should be there already. */
  expect(batch: readonly RunEvent[]): Promise<void> {
    return this.#attempt((writer) => writer.expect(batch));
  }

  /** Makes it permanent and asks what really arrived. `tally` is the sum of all batches. */
  finish(tally: Tally): Promise<void> {
    return this.#attempt(async (writer) => {
      const receipt = await writer.finish(this.#withFiles(tally));
      this.#remote = writer.remote;
      this.#present += receipt.present;
      this.losses.add(receipt.losses);
      this.#assurance = "accepted";
      await this.#verify(writer, this.#withFiles(tally));
    });
  }

  /** Compares what the destination holds from before with what it should hold. */
  compare(tally: Tally): Promise<void> {
    return this.#attempt((writer) => this.#verify(writer, tally));
  }

  /** Reads back what the destination says it holds; if it does not, the run is to be sent again. */
  recheck(): Promise<void> {
    return this.#attempt(async (writer) => {
      if (this.#held === undefined) return;
      const { assurance, differences } = await writer.verify(this.#held);
      if (differences.length > 0) this.#held = undefined;
      else this.#assurance = assurance;
    });
  }

  /** Takes the destination's word for what it holds from before. */
  trust(): void {
    if (this.#held !== undefined) this.#assurance = "accepted";
  }

  /** Ends the lane; without `finish` before, nothing half-done stays behind. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    try {
      await writer?.[Symbol.asyncDispose]();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Takes the lane out; the first error is the one that counts. */
  fail(error: unknown): void {
    this.#error ??= errorReport(error);
  }

  report(): LaneReport {
    return {
      ...(this.#remote === undefined ? {} : { remote: this.#remote }),
      sent: this.#events - this.#present,
      present: this.#present,
      assurance: this.#assurance,
      differences: this.#differences,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  async #verify(writer: RunWriter, tally: Tally): Promise<void> {
    const verdict = await writer.verify(tally);
    this.#remote = writer.remote;
    this.#assurance = verdict.assurance;
    this.#differences = verdict.differences;
    if (verdict.differences.length > 0) {
      throw new VerifyError(
        `${this.destination.name} does not hold what was sent: ${verdict.differences[0]}`,
        {
          hint: "Nothing was deleted; run the same command again to send what is missing.",
        },
      );
    }
  }

  /** The files as this destination read them. */
  #withFiles(tally: Tally): Tally {
    return { ...tally, files: Object.fromEntries(this.#files.tallies) };
  }

  /** Runs one step unless the lane has failed; a failure ends the lane. */
  async #attempt(step: (writer: RunWriter) => Promise<void>): Promise<void> {
    const writer = this.#writer;
    if (this.#error !== undefined || writer === undefined) return;
    try {
      await step(writer);
    } catch (error) {
      this.fail(error);
    }
  }
}
