import { escapeText } from "./escape.ts";
import type { ListedRun } from "./listed_run.ts";
import { type Column, layoutTable } from "./table.ts";
import { shownPath } from "./text_outcome.ts";
import { formatBytes, formatCount, formatTime } from "./units.ts";

const columns: readonly Column[] = [
  { title: "ID", cut: "end", least: 8, rank: 9 },
  { title: "NAME", cut: "end", rank: 7 },
  { title: "PROJECT", cut: "end", rank: 3 },
  { title: "STATE", rank: 8 },
  { title: "STEPS", align: "right", rank: 6 },
  { title: "POINTS", align: "right", rank: 2 },
  { title: "SIZE", align: "right", rank: 5 },
  { title: "STARTED", rank: 1 },
  { title: "TRACKER", rank: 4 },
];
const syncedColumn: Column = { title: "SYNCED", rank: 9 };
const pathColumn: Column = { title: "PATH", cut: "middle", least: 28, rank: 10 };

/** How a list is shown. */
export interface ListingStyle {
  /** Columns per line. */
  readonly columns: number;
  readonly cwd: string;
  /** How many destinations were asked whether they hold the runs. */
  readonly asked: number;
}

/** The runs as a table; lines without line ends. */
export function listingLines(
  runs: readonly ListedRun[],
  style: ListingStyle,
): readonly string[] {
  const synced = style.asked > 0 ? [syncedColumn] : [];
  return layoutTable(
    [...columns, ...synced, pathColumn],
    runs.map((run) => row(run, style)),
    style.columns,
  );
}

function row(
  { inspection, synced }: ListedRun,
  { asked, cwd }: ListingStyle,
): readonly string[] {
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
    ...(asked > 0 ? [syncedText(synced.length, asked)] : []),
    shownPath(info.path, cwd),
  ];
}

function syncedText(held: number, asked: number): string {
  if (asked === 1) return held === 1 ? "yes" : "no";
  return `${held} of ${asked}`;
}
