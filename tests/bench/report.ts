import { readFileSync, writeFileSync } from "node:fs";

/** One line of the table. */
export interface Line {
  /** What did the work. */
  readonly name: string;
  readonly seconds: number;
  /** Seconds of all processors. */
  readonly cpu: number;
  /** In bytes; absent where it says nothing. */
  readonly peak?: number;
}

/** Everything measured on one run. */
export interface Sheet {
  readonly tracker: string;
  readonly rows: number;
  readonly keys: number;
  /** Size of the log in bytes. */
  readonly bytes: number;
  readonly lines: readonly Line[];
}

/** Names that ratios are computed with. */
export const names = {
  decode: "runferry, decode only",
  cat: "`runferry cat`",
  sync: "`runferry sync --to archive`",
  hash: "`sha256sum`",
  official: "official Python reader, decode only",
} as const;

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 10 ? 2 : 1)} ×` : "–";
}

function cells(sheet: Sheet, { name, seconds, cpu, peak }: Line): readonly string[] {
  const secondsOf = (other: string): number =>
    sheet.lines.find((line) => line.name === other)?.seconds ?? NaN;
  return [
    name,
    seconds.toFixed(2),
    cpu === 0 ? "–" : cpu.toFixed(2),
    count(sheet.rows / seconds),
    count(sheet.rows * sheet.keys / seconds),
    count(sheet.bytes / 1e6 / seconds),
    peak === undefined || peak === 0 ? "–" : count(peak / 1e6),
    times(secondsOf(names.hash) / seconds),
    times(secondsOf(names.official) / seconds),
  ];
}

function tableLine(columns: readonly string[]): string {
  return `| ${columns.join(" | ")} |`;
}

/** A sheet as a heading and a table. */
export function sheetText(sheet: Sheet): string {
  const { tracker, rows, keys, bytes } = sheet;
  const head = ["", "s", "CPU s", "rows/s", "points/s", "MB/s", "peak MB"]
    .concat(["speed of sha256sum", "speed of Python"]);
  return [
    `### ${tracker}: ${count(rows)} rows × ${keys} keys, ${(bytes / 1e6).toFixed(1)} MB`,
    "",
    tableLine(head),
    tableLine(head.map((_, at) => at === 0 ? "---" : "---:")),
    ...sheet.lines.map((line) => tableLine(cells(sheet, line))),
    "",
  ].join("\n");
}

/** The first of these in a document enclose the tables of reading. */
const readingMarkers = ["<!-- deno-fmt-ignore-start -->", "<!-- deno-fmt-ignore-end -->"] as const;

/** Puts a text between the markers of a document. */
export function writeBetweenMarkers(
  path: string,
  text: string,
  [begin, end]: readonly [string, string] = readingMarkers,
): void {
  const document = readFileSync(path, "utf8");
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${path} has no ${begin} … ${end}`);
  const before = document.slice(0, from + begin.length);
  writeFileSync(path, `${before}\n\n${text}\n${document.slice(to)}`);
}
