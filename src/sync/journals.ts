import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { systemCode } from "../errors.ts";
import { makeFolder } from "../files/durable_folder.ts";
import { namesIn } from "../files/names_in.ts";
import type { RunInfo } from "../model/run.ts";
import { Journal, type JournalState } from "./journal.ts";
import { Lock } from "./lock.ts";
import { SharedLocks } from "./shared_locks.ts";

/** Where journals are, and who writes them. */
export interface JournalsOptions {
  /** Absolute path of the state directory, which need not exist. */
  readonly directory: string;
  /** Id of this process. */
  readonly pid: number;
  /** Such as "runferry 0.1.0". */
  readonly tool: string;
  /** Take locks from whoever has them. */
  readonly breakLock: boolean;
  /** ms since epoch. */
  now(): number;
  /** Tells the user, once, that nothing can be written here. */
  notice(message: string): void;
}

/** What a journal is about. */
export type JournaledRun = Pick<RunInfo, "source" | "path" | "id">;

/**
 * The journals and locks of a state directory, at `runs/RUN/DESTINATION.jsonl` and `.lock`, both
 * hashes. Where it cannot be written, what is there is read, and what is new lasts as long as the
 * process.
 */
export class Journals {
  readonly options: JournalsOptions;
  #keeps = true;
  readonly #inMemory = new Map<string, Promise<Journal>>();
  readonly #shared = new SharedLocks();

  constructor(options: JournalsOptions) {
    this.options = options;
  }

  /**
   * Whether entries outlast this process, as far as was found out; without that nobody can be
   * locked out either.
   */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** The journal of a run and a destination, as it is now. */
  async journal(run: JournaledRun, destination: string): Promise<Journal> {
    const path = `${this.#path(run, destination)}.jsonl`;
    const remembered = this.#inMemory.get(path);
    if (remembered !== undefined) return await remembered;
    const opening = Journal.open(path, (write) => this.#writing(write));
    if (!this.#keeps) this.#inMemory.set(path, opening);
    return await opening;
  }

  /**
   * Locks a run and a destination; undefined where nothing can be written.
   * @throws {LockedError} when another process has them.
   */
  async lock(run: JournaledRun, destination: string): Promise<Lock | undefined> {
    return await this.#lock(this.#path(run, destination), `${run.path} to ${destination}`);
  }

  /**
   * Keeps other processes off all parts of a run, wherever they lie, at a destination where they
   * become one; what is at work on them in this process knows of each other.
   * @throws {LockedError} when another process works on one of them.
   */
  async lockParts({ id }: JournaledRun, destination: string): Promise<AsyncDisposable> {
    const path = join(this.options.directory, "ids", hash([id]), hash([destination]));
    const take = (): Promise<Lock | undefined> =>
      this.#lock(path, `The run ${id} to ${destination}`);
    return await this.#shared.hold(path, take);
  }

  /** Takes the lock `path`.lock; undefined where nothing can be written. */
  async #lock(path: string, subject: string): Promise<Lock | undefined> {
    const { pid, breakLock: breaking, now } = this.options;
    let lock: Lock | undefined;
    await this.#writing(async () => {
      await makeFolder(dirname(path), 0o700);
      lock = await Lock.take(`${path}.lock`, { pid, now: now(), subject, breaking });
    });
    return lock;
  }

  /** What is known of a run, by destination. */
  async known(run: JournaledRun): Promise<ReadonlyMap<string, JournalState>> {
    const folder = this.#folder(run);
    const known = new Map<string, JournalState>();
    for (const name of await namesIn(folder)) {
      if (!name.endsWith(".jsonl")) continue;
      const { state } = await Journal.open(join(folder, name), (write) => this.#writing(write));
      const destination = state.opened?.destination;
      if (destination !== undefined) known.set(destination, state);
    }
    return known;
  }

  #folder({ source, path, id }: JournaledRun): string {
    return join(this.options.directory, "runs", hash([source, path, id]));
  }

  #path(run: JournaledRun, destination: string): string {
    return join(this.#folder(run), hash([destination]));
  }

  /**
   * Writes something, unless it is known that it cannot be. Being unable to write is no reason to
   * ferry nothing.
   */
  async #writing(write: () => Promise<void>): Promise<void> {
    if (!this.#keeps) return;
    try {
      await write();
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      this.#keeps = false;
      this.options.notice(
        `Cannot write to ${this.options.directory} (${code}): what is done is not remembered, ` +
          "and nothing keeps another process off the same run (--state names another directory).",
      );
    }
  }
}

function hash(names: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 32);
}
