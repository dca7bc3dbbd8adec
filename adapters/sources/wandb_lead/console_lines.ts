/** Where a line was printed. */
export type Stream = "stdout" | "stderr";

/** A line of the terminal, ready. */
export interface ConsoleLine {
  readonly stream: Stream;
  readonly text: string;
  /** When it was last written to, in ms since epoch. */
  readonly time: number | undefined;
}

interface Line {
  readonly stream: Stream;
  text: string;
  time: number | undefined;
  /** Whether anything was printed on it, a line end included. */
  touched: boolean;
}

/** How far up the cursor can go, as in the tracker's own terminal. */
const windowLines = 32;
/** Lines that may wait in all, so that a silent stream does not hold back the other one. */
const mostWaiting = 128;
/** Longer lines go on in the next one. */
const longestLine = 65_536;

// deno-lint-ignore no-control-regex
const controls = /[\r\n]|\x1b\[[AB]/g;
// deno-lint-ignore no-control-regex
const unfinished = /\x1b\[?$/;

/** The terminal of one stream: its last lines, and where the cursor is. */
class Terminal {
  readonly lines: Line[] = [];
  row = 0;
  column = 0;
  /** The beginning of an escape sequence that the last chunk ended in. */
  held = "";
}

/**
 * Rebuilds lines from what a program wrote: carriage returns rewrite a line, ESC [ A and ESC [ B
 * move the cursor, as in the tracker's own terminal of 32 lines; all other escapes are text. Lines
 * come out in the order in which they began, over both streams.
 */
export class ConsoleLines {
  readonly #terminals: { readonly [stream in Stream]: Terminal } = {
    stdout: new Terminal(),
    stderr: new Terminal(),
  };
  /** All lines that may still change, oldest first. */
  #waiting: Line[] = [];

  /** Prints a chunk and returns the lines that can no longer change. */
  write(stream: Stream, chunk: string, time: number | undefined): readonly ConsoleLine[] {
    const terminal = this.#terminals[stream];
    const text = terminal.held + chunk;
    terminal.held = unfinished.exec(text)?.[0] ?? "";
    const end = text.length - terminal.held.length;
    let start = 0;
    controls.lastIndex = 0;
    for (let control = controls.exec(text); control; control = controls.exec(text)) {
      this.#print(terminal, stream, text.slice(start, control.index), time);
      this.#control(terminal, stream, control[0], time);
      start = controls.lastIndex;
    }
    this.#print(terminal, stream, text.slice(start, end), time);
    return this.#settled();
  }

  /** Returns all that is left; an unfinished last line is a line. */
  end(): readonly ConsoleLine[] {
    for (const stream of ["stdout", "stderr"] as const) {
      const terminal = this.#terminals[stream];
      const { held } = terminal;
      terminal.held = "";
      this.#print(terminal, stream, held, undefined);
    }
    const lines = this.#waiting.filter(({ touched }) => touched);
    this.#waiting = [];
    return lines;
  }

  #control(terminal: Terminal, stream: Stream, control: string, time: number | undefined): void {
    if (control === "\r") terminal.column = 0;
    else if (control === "\n") {
      this.#line(terminal, stream, time).touched = true;
      terminal.row++;
      terminal.column = 0;
    } else if (control.endsWith("A")) terminal.row = Math.max(0, terminal.row - 1);
    else terminal.row++;
  }

  #print(terminal: Terminal, stream: Stream, text: string, time: number | undefined): void {
    for (let start = 0; start < text.length;) {
      if (terminal.column >= longestLine) {
        terminal.row++;
        terminal.column = 0;
      }
      const piece = text.slice(start, start + longestLine - terminal.column);
      const line = this.#line(terminal, stream, time);
      line.text = line.text.slice(0, terminal.column).padEnd(terminal.column) + piece +
        line.text.slice(terminal.column + piece.length);
      line.touched = true;
      line.time = time ?? line.time;
      terminal.column += piece.length;
      start += piece.length;
    }
  }

  /** The line that the cursor is on; it and those above it begin now if they are new. */
  #line(terminal: Terminal, stream: Stream, time: number | undefined): Line {
    while (terminal.lines.length <= terminal.row) {
      const line: Line = { stream, text: "", time, touched: false };
      if (terminal.lines.length < terminal.row) line.touched = true;
      terminal.lines.push(line);
      this.#waiting.push(line);
    }
    while (terminal.lines.length > windowLines) {
      terminal.lines.shift();
      terminal.row--;
    }
    return terminal.lines[terminal.row] as Line;
  }

  /** Takes the lines off the front that have left their terminal, or waited behind too many. */
  #settled(): readonly ConsoleLine[] {
    let count = 0;
    for (; count < this.#waiting.length; count++) {
      const line = this.#waiting[count] as Line;
      const terminal = this.#terminals[line.stream];
      const at = terminal.lines.indexOf(line);
      if (at >= 0 && this.#waiting.length - count <= mostWaiting) break;
      for (let drop = 0; drop <= at; drop++) terminal.lines.shift();
      terminal.row = Math.max(0, terminal.row - at - 1);
    }
    return this.#waiting.splice(0, count).filter(({ touched }) => touched);
  }
}
