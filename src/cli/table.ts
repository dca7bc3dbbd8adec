import { padEnd, padStart, textWidth, truncate, truncateMiddle } from "./width.ts";

/** How one column of a table looks. */
export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** Where a cell that is too long is cut; a column without it is never cut. */
  readonly cut?: "end" | "middle";
  /** Columns that are left when it is cut. */
  readonly least?: number;
  /** Columns with a low rank are left out first when the table is too wide. */
  readonly rank: number;
}

const gap = "  ";
interface Placed {
  readonly column: Column;
  readonly cells: readonly string[];
  width: number;
}

/**
 * Lays rows out in lines of at most `columns`: first the longest cells are cut, then columns are
 * left out by rank. With Infinity nothing is cut. The first line is the titles.
 */
export function layoutTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const placed = fit(
    columns.map((column, index) => place(column, index, rows)),
    width,
  );
  const titles = placed.map(({ column }) => column.title);
  const lines = [titles, ...rows.map((_, row) => placed.map(({ cells }) => cells[row] ?? ""))];
  return lines.map((cells) =>
    cells.map((text, index) => cell(text, placed[index])).join(gap).trimEnd()
  );
}

function place(
  column: Column,
  index: number,
  rows: readonly (readonly string[])[],
): Placed {
  const cells = rows.map((row) => row[index] ?? "");
  const width = cells.reduce(
    (most, text) => Math.max(most, textWidth(text)),
    textWidth(column.title),
  );
  return { column, cells, width };
}

function fit(placed: readonly Placed[], width: number): readonly Placed[] {
  let kept = placed;
  while (true) {
    let excess = total(kept) - width;
    if (excess <= 0) return kept;
    const slack = kept.reduce((sum, { column, width }) => sum + room(column, width), 0);
    if (slack >= excess || kept.length === 1) {
      for (; excess > 0 && shrinkWidest(kept); excess--);
      return kept;
    }
    const lowest = kept.reduce((low, next) => next.column.rank < low.column.rank ? next : low);
    kept = kept.filter((other) => other !== lowest);
  }
}

function room(column: Column, width: number): number {
  return column.cut === undefined ? 0 : Math.max(0, width - (column.least ?? 10));
}

function shrinkWidest(placed: readonly Placed[]): boolean {
  const widest = placed.filter(({ column, width }) => room(column, width) > 0)
    .reduce<Placed | undefined>(
      (most, next) => most === undefined || next.width > most.width ? next : most,
      undefined,
    );
  if (widest === undefined) return false;
  widest.width--;
  return true;
}

function total(placed: readonly Placed[]): number {
  return placed.reduce((sum, { width }) => sum + width + gap.length, -gap.length);
}

function cell(text: string, placed: Placed | undefined): string {
  if (placed === undefined) return text;
  const { column, width } = placed;
  const cut = column.cut === "middle" ? truncateMiddle(text, width) : truncate(text, width);
  return column.align === "right" ? padStart(cut, width) : padEnd(cut, width);
}
