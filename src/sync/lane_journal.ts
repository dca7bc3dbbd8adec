import { hostname } from "node:os";
import type { Destination, Remote, Verdict } from "../adapter.ts";
import type { FinishEvent } from "../model/event.ts";
import type { RunInfo } from "../model/run.ts";
import { isAtLeast } from "./assurance.ts";
import type { Journal, JournalState } from "./journal.ts";
import {
  type AckEntry,
  areEqual,
  type FinishEntry,
  type JournalEntry,
  type VerifyEntry,
} from "./journal_entry.ts";
import type { Journals } from "./journals.ts";
import { isLossless } from "./loss_counter.ts";

/** What a lane journals about, and where. */
export interface Journaling {
  readonly journals: Journals;
  /** State of the source before it was read; undefined where it could not be told. */
  readonly stamp: string | undefined;
  readonly wishes: readonly string[];
  readonly manner: readonly string[];
}

/** A run that was found to be there as it is now, by an earlier command. */
export interface Settled {
  readonly verified: VerifyEntry;
  readonly acknowledged: AckEntry;
  readonly finished: FinishEntry;
}

/** How far a transfer has come. */
export type Advance = Omit<AckEntry, "type" | "at">;

/** What was compared. */
export type Compared = Pick<VerifyEntry, "points" | "files" | "bytes" | "remote">;

/** Acknowledgements of a transfer under way are at least so many ms apart. */
const ackInterval = 5000;

/** What one lane writes down, and the locks that it holds meanwhile. */
export class LaneJournal implements AsyncDisposable {
  readonly #run: RunInfo;
  readonly #destination: Destination;
  readonly #journaling: Journaling;
  #journal: Journal;
  readonly #locks: AsyncDisposable[] = [];
  #acknowledged: number;

  private constructor(
    run: RunInfo,
    destination: Destination,
    journaling: Journaling,
    journal: Journal,
  ) {
    this.#run = run;
    this.#destination = destination;
    this.#journaling = journaling;
    this.#journal = journal;
    this.#acknowledged = this.#now();
  }

  /** Reads the journal of a run and a destination. */
  static async open(
    run: RunInfo,
    destination: Destination,
    journaling: Journaling,
  ): Promise<LaneJournal> {
    const journal = await journaling.journals.journal(run, destination.name);
    return new LaneJournal(run, destination, journaling, journal);
  }

  /**
   * That nothing is left to be done: neither the run nor what is wanted has changed since, and the
   * destination, as far as it knows without a request, has lost nothing.
   */
  async settled(): Promise<Settled | undefined> {
    const settled = this.#settled;
    if (settled === undefined) return undefined;
    return await this.#destination.isGone?.(settled.verified.remote) ? undefined : settled;
  }

  get #settled(): Settled | undefined {
    const { verified, acknowledged, finished }: JournalState = this.#journal.state;
    const { stamp, wishes, manner } = this.#journaling;
    if (verified === undefined || stamp === undefined) return undefined;
    // Compared without a word about sending, as by another machine: too little to be cleaned by.
    if (acknowledged === undefined || finished === undefined) return undefined;
    const isSame = verified.stamp === stamp && areEqual(verified.wishes, wishes) &&
      areEqual(verified.manner, manner);
    const isProven = verified.differences === 0 &&
      isAtLeast(verified.assurance, this.#destination.capabilities.assurance);
    return isSame && isProven && isLossless(acknowledged.losses)
      ? { verified, acknowledged, finished }
      : undefined;
  }

  /**
   * Whether the destination's word is not enough: the last comparison found that something is
   * missing there, or a command was cut off before it compared anything, or nothing is known.
   */
  get doubted(): boolean {
    const { doubted, verified } = this.#journal.state;
    return doubted ?? verified === undefined;
  }

  /**
   * Keeps other processes off until it is disposed, and reads once more what they may have written.
   * @throws {LockedError} when one is at work.
   */
  async hold(): Promise<void> {
    const { journals } = this.#journaling;
    const { name, capabilities } = this.#destination;
    if (!capabilities.keepsEvents) this.#locks.push(await journals.lockParts(this.#run, name));
    const lock = await journals.lock(this.#run, name);
    if (lock !== undefined) this.#locks.push(lock);
    this.#journal = await journals.journal(this.#run, this.#destination.name);
  }

  /** The run is open at the destination; whatever was compared before no longer counts. */
  async opened(remote: Remote): Promise<void> {
    await this.#journal.append(this.#opening(remote));
  }

  /** Some of it has arrived; not every such news is worth an entry. */
  async advanced(advance: () => Advance): Promise<void> {
    const at = this.#now();
    if (at - this.#acknowledged < ackInterval) return;
    await this.acknowledged(advance());
  }

  /** So much of it has arrived, and more may not come soon. */
  async acknowledged(advance: Advance): Promise<void> {
    const at = this.#now();
    this.#acknowledged = at;
    await this.#journal.append({ type: "ack", at, ...advance });
  }

  /** All of it is there, as the destination says. */
  async finished(
    advance: Advance,
    finish: Omit<FinishEntry, "type" | "at" | "state">,
    state: FinishEvent["state"] | undefined,
  ): Promise<void> {
    const at = this.#now();
    const ended = state === undefined ? {} : { state };
    const entry: FinishEntry = { type: "finish", at, ...ended, ...finish };
    await this.#journal.append({ type: "ack", at, ...advance }, entry);
  }

  /** It was compared. */
  async compared({ assurance, differences }: Verdict, compared: Compared): Promise<void> {
    const { stamp, wishes, manner } = this.#journaling;
    const isFirst = this.#journal.state.opened === undefined;
    const entry: JournalEntry = {
      type: "verify",
      at: this.#now(),
      assurance,
      differences: differences.length,
      ...(stamp === undefined ? {} : { stamp }),
      wishes,
      manner,
      ...compared,
    };
    await this.#journal.append(...(isFirst ? [this.#opening(compared.remote)] : []), entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lock of this.#locks.splice(0).reverse()) await lock[Symbol.asyncDispose]();
  }

  #opening(remote: Remote): JournalEntry {
    const { journals: { options: { tool, pid } }, stamp, wishes, manner } = this.#journaling;
    const { source, path, id } = this.#run;
    return {
      type: "open",
      at: this.#now(),
      tool,
      host: hostname(),
      pid,
      source,
      path,
      id,
      destination: this.#destination.name,
      ...(stamp === undefined ? {} : { stamp }),
      wishes,
      manner,
      remote,
    };
  }

  #now(): number {
    return this.#journaling.journals.options.now();
  }
}
