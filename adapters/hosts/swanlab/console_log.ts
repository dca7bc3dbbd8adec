import { Buffer } from "node:buffer";
import { FramedLog } from "./framed_log.ts";
import { isoTime } from "./iso_time.ts";
import { malformed } from "./refusal.ts";
import { StepExtents, type StepRange } from "./step_extents.ts";
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

/** Lines that are held at once where they must be sorted. */
const mostHeld = 10_000;

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
  /** By line number instead of step. */
  readonly #extents: StepExtents;

  private constructor(log: FramedLog, extent: Extent, extents: StepExtents) {
    this.#log = log;
    this.#extent = extent;
    this.#extents = extents;
  }

  /** Opens the log at a path, or begins one. */
  static async open(path: string): Promise<ConsoleLog> {
    const extent = new Extent();
    const extents = new StepExtents();
    const log = await FramedLog.open(path, ({ payload, start }) => {
      const rows = decode(payload);
      extents.add(start, Float64Array.from(rows, ([epoch]) => epoch));
      for (const [epoch] of rows) extent.add(epoch);
    });
    return new ConsoleLog(log, extent, extents);
  }

  /** Stores lines; resolves once they are safely on disk. */
  async append(lines: readonly ConsoleLine[]): Promise<void> {
    if (lines.length === 0) return;
    const rows = lines.map(({ epoch, time, level, message }): Row => [epoch, time, level, message]);
    const start = await this.#log.append(Buffer.from(JSON.stringify(rows)));
    this.#extents.add(start, Float64Array.from(lines, ({ epoch }) => epoch));
    for (const { epoch } of lines) this.#extent.add(epoch);
  }

  /** Number of the last line; 0 when there is none. */
  get last(): number {
    return this.#extent.last;
  }

  /** Number of lines. Reads the log only when some came out of order. */
  async count(): Promise<number> {
    return this.#extent.ascending ? this.#extent.count : (await this.#numbers(-1)).length;
  }

  /** Lines of ascending numbers, each once: the last one sent under its number. */
  async *lines(after: number, most: number): AsyncGenerator<ConsoleLine> {
    if (this.#extent.ascending) yield* this.#inOrder(after, most);
    else yield* this.#sorted(after, most);
  }

  async *#inOrder(after: number, most: number): AsyncGenerator<ConsoleLine> {
    let left = most;
    for await (const row of this.#rows({ from: after + 1, below: Infinity })) {
      if (left-- <= 0) return;
      yield lineOf(row);
    }
  }

  /** Lines that came out of order: only some of them are held at once. */
  async *#sorted(after: number, most: number): AsyncGenerator<ConsoleLine> {
    const numbers = (await this.#numbers(after)).subarray(0, most);
    for (let at = 0; at < numbers.length; at += mostHeld) {
      const some = numbers.subarray(at, at + mostHeld);
      const byEpoch = new Map<number, ConsoleLine>();
      const range = { from: some[0] ?? 0, below: (some.at(-1) ?? 0) + 1 };
      for await (const row of this.#rows(range)) byEpoch.set(row[0], lineOf(row));
      for (const epoch of some) {
        const line = byEpoch.get(epoch);
        if (line !== undefined) yield line;
      }
    }
  }

  /** The numbers of all lines behind one, ascending, each once. */
  async #numbers(after: number): Promise<Float64Array> {
    const numbers = new Set<number>();
    for await (const [epoch] of this.#rows({ from: after + 1, below: Infinity })) {
      numbers.add(epoch);
    }
    return Float64Array.from(numbers).sort();
  }

  /** Lines with numbers of a range, as they were sent. */
  async *#rows(range: StepRange): AsyncGenerator<Row> {
    for (const { start, end } of this.#extents.overlapping(range, this.#log.length)) {
      for await (const { payload } of this.#log.read(start, end)) {
        for (const row of decode(payload)) {
          if (row[0] >= range.from && row[0] < range.below) yield row;
        }
      }
    }
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
