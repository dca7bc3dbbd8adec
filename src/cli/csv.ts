/** One record of a CSV file, as RFC 4180 has it, with its line end. Absent cells are empty. */
export function csvLine(cells: readonly (string | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Quoted where a reader would otherwise misread it; an empty text is told from no cell. */
function csvCell(cell: string | undefined): string {
  if (cell === undefined) return "";
  if (cell !== "" && !/[",\r\n]|^\s|\s$/.test(cell)) return cell;
  return `"${cell.replaceAll('"', '""')}"`;
}
