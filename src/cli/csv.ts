/** One record of a CSV file, as RFC 4180 has it, with its line end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}

/**
 * A text as a cell, quoted where a reader would otherwise misread it. The empty text is quoted
 * too, so that it is told from an empty cell, which is no text at all.
 */
export function csvText(text: string): string {
  if (text !== "" && !/[",\r\n]|^\s|\s$/.test(text)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}
