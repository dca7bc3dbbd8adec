import { stat } from "node:fs/promises";
import type { Context } from "../adapter.ts";
import { systemCode } from "../errors.ts";
import { pause } from "./pause.ts";

/** What waiting for growth came to; a log that shrank is another one, `replaced`. */
export type Growth = "grown" | "replaced" | "quiet" | "idle" | "stopped";

/** ms between two looks: at a log that grew lately, and at most. */
const shortest = 1000;
const longest = 30_000;
/** ms after growth until a log is called quiet: clients write what belongs together at once. */
const quietAfter = 250;
/** ms between two times that a log is called quiet: whoever hears it also gives signs of life. */
const quietAgain = 5 * 60 * 1000;

/** How growth is waited for. */
export interface GrowthOptions {
  readonly context: Context;
  /** Aborted when nobody waits any more. */
  readonly stop: AbortSignal;
  /** ms without growth after which a log is idle; 0 for looking once. */
  readonly idle: number;
}

/**
 * Waits for a log to grow, by its size and time of change: nothing else is told of files on a
 * network. It is looked at every second, and less often the longer nothing came.
 */
export class LogGrowth {
  readonly #path: string;
  readonly #options: GrowthOptions;
  #seen = "";
  /** In bytes, when it was last there. */
  #size = 0;
  #isReplaced = false;
  /** ms since epoch. */
  #grewAt = 0;
  #quietAt = -Infinity;

  /** `path` is absolute. */
  constructor(path: string, options: GrowthOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** ms since it grew, as far as its own time of change tells. */
  get age(): number {
    return Math.max(0, this.#options.context.now() - this.#grewAt);
  }

  /** Whether it has grown since the last look; the first look says yes. */
  async grew(): Promise<boolean> {
    const status = await this.#status();
    const seen = status === undefined ? "gone" : `${status.size} ${status.mtimeMs}`;
    if (seen === this.#seen) return false;
    const { context } = this.#options;
    const isFirst = this.#seen === "";
    this.#seen = seen;
    const { size = this.#size } = status ?? {};
    this.#isReplaced = size < this.#size;
    this.#size = size;
    // Clocks of other machines may be ahead, or behind; only the first look has nothing better.
    this.#grewAt = isFirst ? Math.min(status?.mtimeMs ?? 0, context.now()) : context.now();
    this.#quietAt = -Infinity;
    return true;
  }

  /**
   * Resolves when it has grown, was quiet for a moment or for long, or nobody waits any more.
   * @param isOvertaken asked from time to time; it is called quiet at once when that is so.
   */
  async next(isOvertaken?: () => Promise<boolean>): Promise<Growth> {
    const { context, stop, idle } = this.#options;
    for (let looks = 0;; looks++) {
      if (await this.grew()) return this.#isReplaced ? "replaced" : "grown";
      if (stop.aborted) return "stopped";
      const isFresh = this.#quietAt === -Infinity && looks === 0 && this.age < idle;
      if (!isFresh && context.now() - this.#quietAt >= quietAgain) {
        this.#quietAt = context.now();
        return "quiet";
      }
      if (this.age >= idle) return "idle";
      if (!isFresh && await isOvertaken?.() === true) return "quiet";
      await pause(context, isFresh ? quietAfter : this.#interval, stop);
    }
  }

  /** Resolves when it has grown, however long that takes; false when nobody waits any more. */
  async again(): Promise<boolean> {
    const { context, stop } = this.#options;
    while (!stop.aborted) {
      if (await this.grew()) return true;
      await pause(context, this.#interval, stop);
    }
    return false;
  }

  get #interval(): number {
    return Math.min(longest, Math.max(shortest, this.age / 300));
  }

  async #status(): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
    try {
      return await stat(this.#path);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }
}
