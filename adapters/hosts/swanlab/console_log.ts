import { Buffer } from "node:buffer";
import { FramedLog } from "./framed_log.ts";
import { isoTime } from "./iso_time.ts";
import { malformed } from "./refusal.ts";
import { timeOf } from "./scalar_batch.ts";

/** One line of terminal output. */
export interface ConsoleLine {
  /** The line's number, 1-based. */
  readonly epoch: number;
  readonly level: string;
  readonly message: string;
  /** ms since epoch. */
  readonly time: number;
}

type Row = readonly [epoch: number, time: number, level: string, message: string];

/** One item as clients send it (swanlab-api §4.2), not looked at yet. */
interface Item {
  readonly level?: unknown;
  readonly message?: unknown;
  readonly epoch?: unknown;
  readonly create_time?: unknown;
}

/**
 * Reads the lines of a request. `now` in ms since epoch stands in for a missing time.
 * @throws {Refusal} when one of them is not a line; none is taken then.
 */
export function parseLines(items: readonly unknown[], now: number): readonly ConsoleLine[] {
  return items.map((item, at) => {
    if (typeof item !== "object" || item === null) throw malformed(`metrics[${at}] is no object`);
    const { level, message, epoch, create_time: created } = item as Item;
    if (typeof message !== "string") throw malformed(`metrics[${at}] has no message`);
    if (typeof epoch !== "number" || !Number.isSafeInteger(epoch) || epoch < 0) {
      throw malformed(`metrics[${at}].epoch is not a line number: ${JSON.stringify(epoch)}`);
    }
    return {
      epoch,
      level: typeof level === "string" ? level : "INFO",
      message,
      time: created === undefined ? now : timeOf(created, at),
    };
  });
}

/** The terminal output of one run: on disk as it was sent, in memory only how far it goes. */
export class ConsoleLog {
  readonly #log: FramedLog;
  readonly #extent: Extent;

  private constructor(log: FramedLog, extent: Extent) {
    this.#log = log;
    this.#extent = extent;
  }

  /** Opens the log at a path, or begins one. */
  static async open(path: string): Promise<ConsoleLog> {
    const extent = new Extent();
    const log = await FramedLog.open(path, ({ payload }) => {
      for (const [epoch] of decode(payload)) extent.add(epoch);
    });
    return new ConsoleLog(log, extent);
  }

  /** Stores lines; resolves once they are safely on disk. */
  async append(lines: readonly ConsoleLine[]): Promise<void> {
    if (lines.length === 0) return;
    const rows = lines.map(({ epoch, time, level, message }): Row => [epoch, time, level, message]);
    await this.#log.append(Buffer.from(JSON.stringify(rows)));
    for (const { epoch } of lines) this.#extent.add(epoch);
  }

  /** Number of the last line; 0 when there is none. */
  get last(): number {
    return this.#extent.last;
  }

  /** Number of lines. Reads the log only when some came out of order. */
  async count(): Promise<number> {
    if (this.#extent.ascending) return this.#extent.count;
    return (await this.#sorted(-1, Infinity)).length;
  }

  /** Lines of ascending numbers, each once: the last one sent under its number. */
  async *lines(after: number, most: number): AsyncGenerator<ConsoleLine> {
    if (this.#extent.ascending) yield* this.#inOrder(after, most);
    else yield* await this.#sorted(after, most);
  }

  async *#inOrder(after: number, most: number): AsyncGenerator<ConsoleLine> {
    let left = most;
    for await (const { payload } of this.#log.read()) {
      for (const row of decode(payload)) {
        if (row[0] <= after) continue;
        if (left-- <= 0) return;
        yield lineOf(row);
      }
    }
  }

  /** Lines that came out of order: at most `most` of them are held at once. */
  async #sorted(after: number, most: number): Promise<readonly ConsoleLine[]> {
    const byEpoch = new Map<number, ConsoleLine>();
    for await (const { payload } of this.#log.read()) {
      for (const row of decode(payload)) if (row[0] > after) byEpoch.set(row[0], lineOf(row));
    }
    return [...byEpoch.values()].sort((left, right) => left.epoch - right.epoch).slice(0, most);
  }

  /** Changes with every line that is added. */
  get stamp(): string {
    return this.#log.stamp;
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

/** How far the lines go, and whether each number came once and in order. */
class Extent {
  last = 0;
  count = 0;
  ascending = true;

  add(epoch: number): void {
    if (this.count > 0 && epoch <= this.last) this.ascending = false;
    this.count++;
    this.last = Math.max(this.last, epoch);
  }
}

function decode(payload: Buffer): readonly Row[] {
  return JSON.parse(payload.toString()) as readonly Row[];
}

function lineOf([epoch, time, level, message]: Row): ConsoleLine {
  return { epoch, time, level, message };
}

/** A line as the API gives it. */
export function lineAnswer({ epoch, level, message, time }: ConsoleLine): object {
  return { epoch, level, message, tag: "", timestamp: isoTime(time) };
}
