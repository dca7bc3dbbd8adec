import type { Inspection } from "../sync/inspect.ts";
import type { RunDetails } from "./details.ts";
import { escapeText } from "./escape.ts";
import type { Paint } from "./style.ts";
import { shownPath } from "./text_outcome.ts";
import { formatBytes, formatCount, formatSeconds, formatTime } from "./units.ts";
import { hang, padEnd } from "./width.ts";

/** Columns for the words before the values. */
const wordWidth = 12;

/** Who a run is and how it ended; lines without line ends. */
export function identityLines(
  { inspection, identity, finish }: RunDetails,
  { paint, columns, cwd }: {
    readonly paint: Paint;
    readonly columns: number;
    readonly cwd: string;
  },
): readonly string[] {
  const { info } = inspection;
  const ending = finish?.exitCode === undefined ? "" : ` (exit code ${finish.exitCode})`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["id", info.id],
    ["name", info.name],
    ["project", info.project],
    ["workspace", info.workspace],
    ["description", identity?.description],
    ["tags", identity?.tags?.join(", ") || undefined],
    ["group", identity?.group],
    ["job type", identity?.jobType],
    ["host", identity?.host],
    ["state", `${inspection.state}${ending}`],
    ["error", finish?.error],
    ["started", startText(inspection)],
    ["steps", formatCount(inspection.steps)],
    ["points", formatCount(inspection.points)],
    ["size", formatBytes(inspection.bytes)],
    ["events", eventsText(inspection)],
    ["written by", writerText(inspection)],
    ["path", shownPath(info.path, cwd)],
  ];
  const lines = rows.flatMap(([word, text]) =>
    text === undefined
      ? []
      : hang(`  ${padEnd(word, wordWidth)}`, 2 + wordWidth, escapeText(text), columns)
  );
  return [paint("bold", escapeText(info.directory)), ...lines];
}

function startText({ info, endedAt }: Inspection): string | undefined {
  const { startedAt } = info;
  if (startedAt === undefined) return undefined;
  const seconds = endedAt === undefined ? 0 : (endedAt - startedAt) / 1000;
  const took = seconds > 0 ? `, ${formatSeconds(seconds)} until its last event` : "";
  return `${formatTime(startedAt)}${took}`;
}

function eventsText({ events }: Inspection): string {
  return Object.entries(events).map(([type, count]) => `${formatCount(count)} ${type}`).join(", ");
}

function writerText({ info }: Inspection): string {
  const { tracker, version, format } = info.writer;
  return `${tracker}${version === undefined ? "" : ` ${version}`}, ${format}`;
}
