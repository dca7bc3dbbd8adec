/**
 * The lines that a terminal of endless height shows after a program wrote this text to it: carriage
 * returns and cursor up and down, nothing else. An empty last line is none.
 */
export function terminalLines(text: string): readonly string[] {
  const lines: string[][] = [];
  let row = 0;
  let column = 0;
  const tokens = text.match(/\r|\n|\x1b\[[AB]|[^]/g) ?? [];
  for (const token of tokens) {
    if (token === "\r") column = 0;
    else if (token === "\x1b[A") row = Math.max(0, row - 1);
    else if (token === "\x1b[B") row++;
    else {
      while (lines.length <= row) lines.push([]);
      if (token === "\n") {
        row++;
        column = 0;
      } else {
        const line = lines[row] as string[];
        while (line.length < column) line.push(" ");
        line[column++] = token;
      }
    }
  }
  return lines.map((line) => line.join(""));
}
