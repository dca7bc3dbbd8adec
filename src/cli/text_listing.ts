import type { ErrorReport } from "../sync/outcome.ts";
import type { Inspection } from "../sync/inspect.ts";
import { escapeText } from "./escape.ts";
import { type Column, layoutTable } from "./table.ts";
import { shownPath } from "./text_outcome.ts";
import { formatBytes, formatCount, formatTime } from "./units.ts";

const columns: readonly Column[] = [
  { title: "ID", cut: "end", rank: 9 },
  { title: "NAME", cut: "end", rank: 7 },
  { title: "PROJECT", cut: "end", rank: 3 },
  { title: "STATE", rank: 8 },
  { title: "STEPS", align: "right", rank: 6 },
  { title: "POINTS", align: "right", rank: 2 },
  { title: "SIZE", align: "right", rank: 5 },
  { title: "STARTED", rank: 1 },
  { title: "TRACKER", rank: 4 },
  { title: "PATH", cut: "middle", rank: 10 },
];

/** The runs as a table that fits `width` columns; lines without line ends. */
export function listingLines(
  inspections: readonly Inspection[],
  width: number,
  cwd: string,
): readonly string[] {
  return layoutTable(columns, inspections.map((each) => row(each, cwd)), width);
}

/** Something that could not be read, as one line. */
export function unreadableLine(
  path: string,
  { message, hint }: ErrorReport,
  cwd: string,
): string {
  const advice = hint === undefined ? "" : ` ${escapeText(hint)}`;
  return `${shownPath(path, cwd)}: ${escapeText(message)}.${advice}`;
}

function row(inspection: Inspection, cwd: string): readonly string[] {
  const { info, state, steps, points, bytes, gaps, tail } = inspection;
  const damaged = gaps > 0 || tail !== undefined;
  const { tracker, version } = info.writer;
  return [
    escapeText(info.id),
    escapeText(info.name ?? "-"),
    escapeText(info.project ?? "-"),
    damaged ? `${state}*` : state,
    formatCount(steps),
    formatCount(points),
    formatBytes(bytes),
    info.startedAt === undefined ? "-" : formatTime(info.startedAt).slice(0, 16),
    escapeText(version === undefined ? tracker : `${tracker} ${version}`),
    shownPath(info.path, cwd),
  ];
}
