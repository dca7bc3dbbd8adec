import type { AlertEvent, ConsoleEvent } from "../../../../src/model/event.ts";
import { LineNumbers } from "./line_numbers.ts";
import type { LogLine, Outbox } from "./outbox.ts";

/** A line that gets its number when all lines of the terminal have theirs. */
type Unnumbered = Omit<LogLine, "epoch">;

/**
 * Terminal output as log lines with their own numbers. Alerts are lines too; they stand behind the
 * others, so that they move no number.
 */
export class ConsoleMapping<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #numbers = new LineNumbers();
  readonly #waiting: Unnumbered[] = [];
  /** The last text of the kind that a crash leaves. */
  #error: string | undefined;

  constructor(outbox: Outbox<Series>) {
    this.#outbox = outbox;
  }

  /** `split` tells whether the tracker knows which lines went to stderr. */
  map({ stream, text, line, time }: ConsoleEvent, split: boolean): void {
    if (stream === "error") this.#error = text;
    const plain = stream === "stderr" && split ? "WARN" : "INFO";
    this.#outbox.log({
      level: stream === "error" ? "ERROR" : plain,
      message: text,
      epoch: this.#numbers.claim(line),
      ...(time === undefined ? {} : { time }),
    });
  }

  /** A message to the user. `now` is when the run last said something, for an alert without time. */
  alert({ title, text, level, time }: AlertEvent, now: number | undefined): void {
    const at = time ?? now;
    const said = text === "" ? title : title === "" ? text : `${title}: ${text}`;
    for (const message of said.split(/\r\n|\n|\r/)) {
      this.#waiting.push({
        level: levelOf(level),
        message,
        ...(at === undefined ? {} : { time: at }),
      });
    }
  }

  /** Writes what waited, and the text of a crash unless the terminal had it. */
  end(error: string | undefined, time: number | undefined): void {
    for (const line of this.#waiting.splice(0)) {
      this.#outbox.log({ ...line, epoch: this.#numbers.next() });
    }
    if (error === undefined || error === "" || error === this.#error) return;
    this.#outbox.log({
      level: "ERROR",
      message: error,
      epoch: this.#numbers.next(),
      ...(time === undefined ? {} : { time }),
    });
  }
}

function levelOf(level: string): LogLine["level"] {
  const name = level.toUpperCase();
  if (name === "ERROR" || name === "CRITICAL") return "ERROR";
  return name.startsWith("WARN") ? "WARN" : "INFO";
}
