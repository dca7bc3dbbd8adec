import type { Progress } from "../sync/progress.ts";
import type { Output } from "./output.ts";
import { formatBytes, formatCount, formatMany, formatSeconds } from "./units.ts";
import { truncate } from "./width.ts";

/** How progress is shown: redrawn in place, as a plain line a minute, or not at all. */
export type ProgressMode = "live" | "plain" | "off";

/** How often `tick` should be called, in ms. */
export const tickInterval = 200;
/** ms between two plain lines. */
const plainInterval = 60_000;
/** A short command ends before a live line would be worth its flicker; ms. */
const liveDelay = 400;
/** No estimate before this share of the work is done. */
const leastShare = 0.02;

const clearLine = "\r\x1b[K";

/**
 * Counts what a command does and shows it on stderr: bytes, points, files, rate and the time that
 * is left. It has no clock of its own: `tick` is called from outside and asks `now`.
 */
export class ProgressDisplay implements Progress {
  readonly #output: Output;
  readonly #mode: ProgressMode;
  readonly #now: () => number;
  readonly #started: number;
  #shownAt: number;
  #drawn = false;
  #busy = false;
  /** How many others are writing. */
  #aside = 0;
  #runs = 0;
  #ended = 0;
  #totalBytes = 0;
  #endedBytes = 0;
  #points = 0;
  #bytes = 0;
  #files = 0;

  constructor(output: Output, mode: ProgressMode, now: () => number) {
    this.#output = output;
    this.#mode = mode;
    this.#now = now;
    this.#started = now();
    this.#shownAt = this.#started;
  }

  total(runs: number, bytes: number): void {
    this.#runs += runs;
    this.#totalBytes += bytes;
  }

  runStarted(): void {}

  points(count: number): void {
    this.#points += count;
  }

  bytes(count: number): void {
    this.#bytes += count;
  }

  file(): void {
    this.#files++;
  }

  runEnded(_path: string, bytes: number): void {
    this.#ended++;
    this.#endedBytes += bytes;
  }

  /** Shows where things stand, if it is time to. */
  async tick(): Promise<void> {
    const now = this.#now();
    if (this.#busy || this.#aside > 0 || this.#mode === "off") return;
    if (this.#mode === "plain") {
      if (now - this.#shownAt < plainInterval) return;
      this.#shownAt = now;
      return await this.#write(`${this.text()}\n`);
    }
    if (now - this.#started < liveDelay) return;
    const width = this.#output.terminal.columns - 1;
    this.#drawn = true;
    await this.#write(`${clearLine}${truncate(this.text(), width)}`);
  }

  /** Does work that may write to the terminal: the live line is away until it is done. */
  async aside<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#aside++;
    try {
      await this.hide();
      return await work();
    } finally {
      this.#aside--;
    }
  }

  /** Takes the live line away. */
  async hide(): Promise<void> {
    if (!this.#drawn) return;
    this.#drawn = false;
    await this.#output.write(clearLine);
  }

  /** Where things stand, on one line. */
  text(): string {
    const seconds = (this.#now() - this.#started) / 1000;
    const rate = seconds > 0 ? this.#bytes / seconds : 0;
    const left = this.#left(seconds);
    return [
      this.#runs === 0
        ? "looking for runs"
        : `${formatCount(this.#ended)}/${formatCount(this.#runs)} runs`,
      formatMany(this.#points, "point"),
      formatMany(this.#files, "file"),
      `${formatBytes(this.#bytes)} at ${formatBytes(rate)}/s`,
      ...(left === undefined ? [] : [`${formatSeconds(left)} left`]),
    ].join("  ");
  }

  /** Seconds that are left if things go on as they went. */
  #left(seconds: number): number | undefined {
    const share = this.#totalBytes > 0
      ? this.#endedBytes / this.#totalBytes
      : this.#ended / this.#runs;
    if (!(share >= leastShare) || share >= 1) return undefined;
    return seconds * (1 - share) / share;
  }

  async #write(text: string): Promise<void> {
    this.#busy = true;
    try {
      await this.#output.write(text);
    } finally {
      this.#busy = false;
    }
  }
}
