import { type ConsoleLine, type LineSink, Terminal } from "./terminal.ts";
import type { RunEvents } from "./run_events.ts";

/** Where a line was written to. */
export type Stream = "stdout" | "stderr";

interface Line extends ConsoleLine {
  readonly stream: Stream;
}

/**
 * The console of a run: one terminal per stream. A line gets its number and time when it begins and
 * becomes an event when it can no longer change, so that events of different streams may not come in
 * the order of their numbers.
 */
export class Console {
  readonly #events: RunEvents;
  readonly #stdout: Terminal;
  readonly #stderr: Terminal;
  /** Lines of loggers, which are whole and do not mix with half a line of a stream. */
  readonly #loggers: Terminal;
  #begun = 0;
  /** The lines that are left at the end, until all streams have given theirs. */
  #last: Line[] | undefined;

  constructor(events: RunEvents) {
    this.#events = events;
    this.#stdout = new Terminal(this.#sink("stdout"));
    this.#stderr = new Terminal(this.#sink("stderr"));
    this.#loggers = new Terminal(this.#sink("stdout"));
  }

  /** Whether nothing was written at all. */
  get isEmpty(): boolean {
    return this.#begun === 0;
  }

  /** Writes what a program wrote; `time` is in ms since epoch. */
  write(stream: Stream, text: string, time: number | undefined): void {
    this.#terminal(stream).write(text, time);
  }

  /** Writes text in which the client has carried out carriage returns and cursor moves already. */
  writeEmulated(stream: Stream, text: string, time: number | undefined): void {
    this.#terminal(stream).write(text, time, true);
  }

  /** Writes whole lines of a logger, which have no time. */
  writeLogged(text: string): void {
    this.#loggers.write(text, undefined, true);
  }

  /** Ends all lines; those that are left come in the order of their numbers. */
  flush(): void {
    const last: Line[] = [];
    this.#last = last;
    this.#stdout.flush();
    this.#stderr.flush();
    this.#loggers.flush();
    this.#last = undefined;
    for (const line of last.sort((left, right) => left.line - right.line)) this.#pass(line);
  }

  #terminal(stream: Stream): Terminal {
    return stream === "stdout" ? this.#stdout : this.#stderr;
  }

  #sink(stream: Stream): LineSink {
    return {
      begin: (time) => ({ line: ++this.#begun, time, text: "" }),
      end: (line) => {
        const ended = { stream, ...line };
        if (this.#last === undefined) this.#pass(ended);
        else this.#last.push(ended);
      },
    };
  }

  #pass({ stream, line, time, text }: Line): void {
    const seq = this.#events.next();
    this.#events.add(
      time === undefined
        ? { type: "console", seq, stream, text, line }
        : { type: "console", seq, time, stream, text, line },
    );
  }
}
