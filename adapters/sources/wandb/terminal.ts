/** A line of the console. */
export interface ConsoleLine {
  /** 1-based, over all streams, in the order in which lines began. */
  readonly line: number;
  /** When it began, in ms since epoch. */
  readonly time: number | undefined;
  text: string;
}

/** Lines that a cursor may go back to, as in the client. */
const height = 32;
/** UTF-16 units after which a line goes on in the next one. */
const longestLine = 65_536;

const controls = /[\r\n]|\x1b\[[AB]/g;
/** An escape sequence that may go on in the next piece of output. */
const unfinished = /\x1b\[?$/;

/** How a terminal begins a line, and what becomes of one that can no longer change. */
export interface LineSink {
  begin(time: number | undefined): ConsoleLine;
  end(line: ConsoleLine): void;
}

/**
 * Rebuilds the lines of one output stream from what was written to it. It knows what the client's
 * own terminal emulator knows: carriage return, line feed and the cursor moves `ESC[A` (up) and
 * `ESC[B` (down) within the last 32 lines; every other escape sequence stays in the text.
 */
export class Terminal {
  readonly #sink: LineSink;
  readonly #lines: ConsoleLine[] = [];
  /** The cursor's line; just behind the last one before that line has begun. */
  #row = 0;
  /** The cursor's column in code points; undefined at the line's end. */
  #column: number | undefined;
  #carry = "";

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /**
   * Writes a piece of output. With `replaces` a carriage return empties the line, as in logs whose
   * text was emulated before; otherwise it is overwritten as far as the new text goes.
   */
  write(piece: string, time: number | undefined, replaces: boolean = false): void {
    const text = this.#carry + piece;
    const carry = unfinished.exec(text)?.index ?? text.length;
    this.#carry = text.slice(carry);
    let from = 0;
    controls.lastIndex = 0;
    for (let found = controls.exec(text); found !== null; found = controls.exec(text)) {
      this.#put(text.slice(from, found.index), time);
      this.#control(found[0], time, replaces);
      from = controls.lastIndex;
    }
    this.#put(text.slice(from, carry), time);
  }

  /** Ends all lines, also the one that has no line feed yet. */
  flush(): void {
    const carry = this.#carry;
    this.#carry = "";
    this.#put(carry, undefined);
    for (const line of this.#lines) this.#sink.end(line);
    this.#lines.length = 0;
    this.#row = 0;
    this.#column = undefined;
  }

  #control(control: string, time: number | undefined, replaces: boolean): void {
    switch (control) {
      case "\r":
        this.#column = 0;
        if (replaces) this.#clear();
        return;
      case "\n":
        this.#down(time);
        this.#column = 0;
        return;
      case "\x1b[B":
        this.#keepColumn();
        this.#down(time);
        return;
      default:
        this.#keepColumn();
        if (this.#row > 0) this.#row--;
    }
  }

  #clear(): void {
    const line = this.#lines[this.#row];
    if (line !== undefined) line.text = "";
  }

  #keepColumn(): void {
    this.#column ??= [...this.#lines[this.#row]?.text ?? ""].length;
  }

  /** The line of the cursor, which begins now if it has not yet. */
  #line(time: number | undefined): ConsoleLine {
    let line = this.#lines[this.#row];
    if (line === undefined) {
      line = this.#sink.begin(time);
      this.#lines.push(line);
    }
    return line;
  }

  #down(time: number | undefined): void {
    this.#line(time);
    this.#row++;
    if (this.#row < height) return;
    const oldest = this.#lines.shift();
    if (oldest !== undefined) this.#sink.end(oldest);
    this.#row--;
  }

  #put(text: string, time: number | undefined): void {
    let rest = text;
    while (rest !== "") {
      const line = this.#line(time);
      if (this.#column === 0 && line.text === "") this.#column = undefined;
      if (this.#column !== undefined) rest = this.#overwrite(line, this.#column, rest);
      const room = longestLine - line.text.length;
      if (rest.length <= room) {
        line.text += rest;
        return;
      }
      const cut = beforeHalf(rest, room);
      line.text += rest.slice(0, cut);
      rest = rest.slice(cut);
      this.#down(time);
      this.#column = 0;
    }
  }

  /** Overwrites a line from a column on; returns what goes on behind its end. */
  #overwrite(line: ConsoleLine, column: number, text: string): string {
    const old = [...line.text];
    const gap = Math.max(0, column - old.length);
    const written = [...text];
    const room = Math.max(0, old.length - column);
    const over = written.slice(0, room);
    line.text = old.slice(0, column).join("") + " ".repeat(gap) + over.join("") +
      old.slice(column + over.length).join("");
    const isInside = written.length < room;
    this.#column = isInside ? column + written.length : undefined;
    return isInside ? "" : written.slice(room).join("");
  }
}

/** `cut`, or one less where that would part a surrogate pair. */
function beforeHalf(text: string, cut: number): number {
  const unit = text.charCodeAt(cut - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? cut - 1 : cut;
}
