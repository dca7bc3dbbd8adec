import type {
  Assurance,
  Context,
  Destination,
  Receipt,
  Remote,
  RunFiles,
  RunWriter,
  Verdict,
} from "../adapter.ts";
import type { FinishEvent, RunEvent } from "../model/event.ts";
import type { Tally } from "../model/tally.ts";
import { VerifyError } from "../errors.ts";
import { errorReport } from "./error_report.ts";
import { type Advance, type Journaling, LaneJournal, type Settled } from "./lane_journal.ts";
import { LossCounter } from "./loss_counter.ts";
import type { ErrorReport } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import type { Relatives } from "./relatives.ts";
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

/** What is known of a run only when it was read to its end. */
export interface RunEnd {
  readonly points: number;
  /** Size of the run directory. */
  readonly bytes: number;
  /** Whether its log ends early; absent when it was not read. */
  readonly cut?: boolean;
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
  #journal: LaneJournal | undefined;
  #settled: Settled | undefined;
  #doubted = false;
  #events = 0;
  #present = 0;
  #through = -1;
  /** Points up to the end of each batch that may still be under way. */
  readonly #marks: { readonly seq: number; readonly points: number }[] = [];
  #points = 0;
  #state: FinishEvent["state"] | undefined;
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

  /** Set when its journal says that nothing is left to be done. */
  get settled(): Settled | undefined {
    return this.#settled;
  }

  /** Whether the destination's word is not enough. */
  get doubted(): boolean {
    return this.#doubted;
  }

  /** How many files the destination read to their end. */
  get files(): number {
    return this.#files.tallies.size;
  }

  /**
   * Looks into the journal whether there is anything to do, and if so, keeps other processes off.
   * With `recheck` there is.
   */
  async prepare(journaling: Journaling, recheck: boolean): Promise<void> {
    try {
      const journal = await LaneJournal.open(this.#files.info, this.destination, journaling);
      this.#journal = journal;
      if (!recheck) this.#settled = await journal.settled();
      if (this.#settled !== undefined) return;
      await journal.hold();
      this.#doubted = journal.doubted;
      if (!recheck) this.#settled = await journal.settled();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Looks into the journal only for writing down what is compared. */
  async note(journaling: Journaling): Promise<void> {
    this.#journal = await LaneJournal.open(this.#files.info, this.destination, journaling);
  }

  /**
   * Opens the run at the destination; only a lane that was prepared writes that down. `relatives`
   * knows the other parts of the run.
   */
  async begin(context: Context, relatives?: Relatives): Promise<void> {
    if (this.#error !== undefined) return;
    try {
      const { info } = this.#files;
      this.#writer = await this.destination.open(
        this.#files,
        info.id,
        undefined,
        context,
        relatives && (() => relatives.ready(info, this.destination.name)),
      );
      this.#remote = this.#writer.remote;
      this.#held = this.#writer.held;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Writes down that sending begins; what was compared before counts no longer. */
  start(): Promise<void> {
    return this.#attempt(async (writer) => {
      await this.#journal?.opened(writer.remote);
    });
  }

  /** Delivers a batch; with it, the run has had so many `points`. */
  write(batch: readonly RunEvent[], points: number): Promise<void> {
    return this.#attempt(async (writer) => {
      this.#marks.push({ seq: batch.at(-1)?.seq ?? -1, points });
      const receipt = await writer.write(batch);
      this.#events += batch.length;
      this.#state = batch.findLast((event) => event.type === "finish")?.state ?? this.#state;
      this.#take(receipt);
      await this.#journal?.advanced(() => this.#advance());
    });
  }

  /** Takes a batch that should be there already. */
  expect(batch: readonly RunEvent[]): Promise<void> {
    return this.#attempt((writer) => writer.expect(batch));
  }

  /** Makes it permanent and asks what really arrived. `tally` is the sum of all batches. */
  finish(tally: Tally, end: RunEnd): Promise<void> {
    return this.#attempt(async (writer) => {
      const receipt = await writer.finish(this.#withFiles(tally));
      this.#remote = writer.remote;
      this.#take(receipt);
      this.#assurance = "accepted";
      await this.#finished(writer.remote, tally, end);
      await this.#verify(writer, this.#withFiles(tally), end);
    });
  }

  /** Compares what the destination holds from before with what it should hold. */
  compare(tally: Tally, end: RunEnd): Promise<void> {
    return this.#attempt((writer) => this.#verify(writer, tally, end));
  }

  /** Reads back what the destination says it holds; if it does not, the run is to be sent again. */
  recheck(end: RunEnd): Promise<void> {
    return this.#attempt(async (writer) => {
      const held = this.#held;
      if (held === undefined) return;
      const verdict = await writer.verify(held);
      if (verdict.differences.length > 0) {
        this.#held = undefined;
        return;
      }
      this.#assurance = verdict.assurance;
      await this.#confirmed(writer.remote, held, end);
      await this.#compared(verdict, writer.remote, end);
    });
  }

  /** Takes the destination's word for what it holds from before. */
  trust(end: RunEnd): Promise<void> {
    return this.#attempt(async (writer) => {
      if (this.#held === undefined) return;
      this.#assurance = "accepted";
      await this.#confirmed(writer.remote, this.#held, end);
    });
  }

  /** Whether it broke off before all was accepted. */
  get broken(): boolean {
    return this.#error !== undefined && this.#assurance === "none" &&
      this.#error.code !== "verify" && this.#error.code !== "source";
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
    try {
      await this.#journal?.[Symbol.asyncDispose]();
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

  #take({ through, present, losses }: Receipt): void {
    this.#through = through;
    this.#present += present;
    this.losses.add(losses);
    const waiting = this.#marks.findIndex(({ seq }) => seq > through);
    const done = this.#marks.splice(0, waiting === -1 ? this.#marks.length : waiting);
    this.#points = done.at(-1)?.points ?? this.#points;
  }

  #advance(): Advance {
    return {
      through: this.#through,
      points: this.#points,
      sent: Math.max(0, this.#events - this.#present),
      present: this.#present,
      losses: this.losses.result(),
    };
  }

  /** Writes down that all has arrived. */
  async #finished(remote: Remote, { events }: Tally, { points, cut }: RunEnd): Promise<void> {
    const finish = {
      remote,
      events,
      gaps: events.gap ?? 0,
      ...(cut === undefined ? {} : { cut }),
    };
    await this.#journal?.finished({ ...this.#advance(), points }, finish, this.#state);
  }

  /** Writes down that all was there already, though the journal does not know it. */
  async #confirmed(remote: Remote, held: Tally, end: RunEnd): Promise<void> {
    const count = Object.values(held.events).reduce((sum, each) => sum + each, 0);
    this.#through = count - 1;
    this.#present = count;
    this.#events = count;
    await this.#journal?.opened(remote);
    await this.#finished(remote, held, end);
  }

  async #compared(verdict: Verdict, remote: Remote, { points, bytes }: RunEnd): Promise<void> {
    await this.#journal?.compared(verdict, { points, bytes, files: this.files, remote });
  }

  async #verify(writer: RunWriter, tally: Tally, end: RunEnd): Promise<void> {
    const verdict = await writer.verify(tally);
    this.#remote = writer.remote;
    await this.#compared(verdict, writer.remote, end);
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
