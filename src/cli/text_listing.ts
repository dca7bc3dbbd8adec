import { escapeText } from "./escape.ts";
import type { ListedRun, Synced } from "./listed_run.ts";
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
const syncedColumn: Column = { title: "SYNCED", cut: "end", least: 8, rank: 9 };
const pathColumn: Column = { title: "PATH", cut: "middle", least: 28, rank: 10 };

/** How a list is shown. */
export interface ListingStyle {
  /** Columns per line. */
  readonly columns: number;
  readonly cwd: string;
}

/** The runs as a table; lines without line ends. */
export function listingLines(
  runs: readonly ListedRun[],
  style: ListingStyle,
): readonly string[] {
  const places = new Set(runs.flatMap(({ synced }) => synced.map((each) => each.destination)));
  const synced = places.size > 0 ? [syncedColumn] : [];
  return layoutTable(
    [...columns, ...synced, pathColumn],
    runs.map((run) => row(run, style, places.size)),
    style.columns,
  );
}

function row(
  { inspection, synced }: ListedRun,
  { cwd }: ListingStyle,
  places: number,
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
    ...(places > 0 ? [syncedTexts(synced, places, points)] : []),
    shownPath(info.path, cwd),
  ];
}

/** The word for each destination; with its name where there are several in the list. */
function syncedTexts(synced: readonly Synced[], places: number, points: number): string {
  if (synced.length === 0) return "never";
  return synced.map((each) => {
    const word = syncedText(each, points);
    return places === 1 ? word : `${escapeText(each.destination)} ${word}`;
  }).join(", ");
}

function syncedText({ state, points }: Synced, all: number): string {
  if (state !== "partly" || points === undefined) return state;
  return `${formatCount(points)} of ${formatCount(all)}`;
}
