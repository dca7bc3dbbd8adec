import { isAbsolute, relative } from "node:path";
import type { Tail } from "../adapter.ts";
import type { EventType } from "../model/event.ts";
import type { ErrorReport, LossCount, Outcome } from "../sync/outcome.ts";
import { escapeText } from "./escape.ts";
import type { Paint, Style } from "./style.ts";
import { formatBytes, formatCount, formatMany } from "./units.ts";
import { padEnd, padStart, truncate, truncateMiddle } from "./width.ts";

/** How outcomes are shown. */
export interface OutcomeStyle {
  readonly paint: Paint;
  /** Columns per line. */
  readonly columns: number;
  /** Current directory: paths below it are shown relative to it. */
  readonly cwd: string;
  /** What is done with the runs: decides the words. */
  readonly purpose: "sync" | "verify";
  /** Columns for the name of the destination; 0 leaves it out. */
  readonly destination: number;
  /** Also shows where each run is and what it consists of. */
  readonly verbose: boolean;
}

/** Width of each column before the name of the run. */
const columns = { status: 8, points: 12, files: 6, size: 8, proof: 8 };
const indent = "          ";
/** Differences shown for one run, unless verbose. */
const shownDifferences = 5;

/** The titles above the lines of {@link outcomeText}. */
export function outcomeTitles(style: OutcomeStyle): string {
  const titles = [
    padEnd("STATUS", columns.status),
    padStart("POINTS", columns.points),
    padStart("FILES", columns.files),
    padStart("SIZE", columns.size),
    padEnd("PROOF", columns.proof),
    ...(style.destination > 0 ? [padEnd("DESTINATION", style.destination)] : []),
    "RUN",
  ];
  return `${style.paint("bold", titles.join("  "))}\n`;
}

/** One aligned line about a run, and indented ones about what did not arrive as it was. */
export function outcomeText(outcome: Outcome, style: OutcomeStyle): string {
  const { paint } = style;
  const lines = [
    outcomeLine(outcome, style),
    ...(style.verbose ? verboseLines(outcome, style) : []),
    ...outcome.losses.map((loss) => note(paint, "yellow", "lost", lossText(loss))),
    ...excludedLines(outcome, paint),
    ...gapLines(outcome, paint),
    ...tailLines(outcome.tail, paint),
    ...differenceLines(outcome, style),
    ...(outcome.error === undefined ? [] : errorLines(outcome.error, paint, outcome)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The path as seen from the current directory, safe to show. */
export function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  const below = near !== "" && !near.startsWith("..") && !isAbsolute(near);
  return escapeText(below ? near : path);
}

/** Where a log ends early, as a sentence. */
export function tailText(tail: Tail): string {
  const where = tail.bytes === 0
    ? `at byte ${formatCount(tail.offset)}`
    : `at byte ${formatCount(tail.offset)}, ${
      formatMany(tail.bytes, "byte")
    } before its end`;
  return `The log ends early ${where} (${escapeText(tail.reason)}): the job was killed or still runs.`;
}

function outcomeLine(outcome: Outcome, style: OutcomeStyle): string {
  const [word, colour] = statusWord(outcome, style);
  const front = [
    padStart(formatCount(outcome.points), columns.points),
    padStart(formatCount(outcome.files), columns.files),
    padStart(formatBytes(outcome.bytes), columns.size),
    padEnd(outcome.assurance === "none" ? "-" : outcome.assurance, columns.proof),
    ...(style.destination > 0
      ? [padEnd(
        truncateMiddle(escapeText(outcome.destination), style.destination),
        style.destination,
      )]
      : []),
  ].join("  ");
  const used = columns.status + 2 + front.length + 2;
  const label = truncate(
    runLabel(outcome, style.cwd),
    Math.max(16, style.columns - used),
  );
  return `${style.paint(colour, padEnd(word, columns.status))}  ${front}  ${label}`;
}

function statusWord(
  { status, planned, differences }: Outcome,
  { purpose }: OutcomeStyle,
): readonly [string, Style] {
  if (planned) return ["planned", "cyan"];
  if (differences.length > 0) return ["differs", "red"];
  if (status === "failed") return ["failed", "red"];
  if (status === "partial") return ["partial", "yellow"];
  if (status === "skipped") return ["skipped", "dim"];
  return [purpose === "verify" ? "verified" : "done", "green"];
}

function runLabel({ info, path }: Outcome, cwd: string): string {
  if (info === undefined) return shownPath(path, cwd);
  const { directory, name } = info;
  const also = name === undefined || name === directory ? "" : `  ${name}`;
  return escapeText(directory + also);
}

function note(paint: Paint, colour: Style, word: string, text: string): string {
  return `${indent}${paint(colour, word)}: ${text}`;
}

function lossText({ kind, reason, count, example }: LossCount): string {
  const such = example === undefined
    ? ""
    : ` (${count === 1 ? "" : "such as "}${escapeText(example)})`;
  return `${formatCount(count)} ${kind}, ${escapeText(reason)}${such}`;
}

function countsText(counts: { readonly [type in EventType]?: number }): string {
  return Object.entries(counts).map(([type, count]) => `${formatCount(count)} ${type}`).join(", ");
}

function excludedLines({ excluded }: Outcome, paint: Paint): readonly string[] {
  const counts = countsText(excluded);
  return counts === "" ? [] : [note(paint, "dim", "left out", `${counts}, as asked`)];
}

function gapLines({ gaps }: Outcome, paint: Paint): readonly string[] {
  if (gaps === 0) return [];
  const text = `${formatMany(gaps, "place")} in the log cannot be read; reading went on after ${
    gaps === 1 ? "it" : "them"
  }.`;
  return [note(paint, "yellow", "damage", text)];
}

function tailLines(tail: Tail | undefined, paint: Paint): readonly string[] {
  return tail === undefined ? [] : [note(paint, "yellow", "cut", tailText(tail))];
}

function differenceLines(
  { differences }: Outcome,
  { paint, verbose }: OutcomeStyle,
): readonly string[] {
  const shown = verbose ? differences : differences.slice(0, shownDifferences);
  const more = differences.length - shown.length;
  return [
    ...shown.map((text) => note(paint, "red", "differs", escapeText(text))),
    ...(more > 0 ? [`${indent}and ${formatMany(more, "more difference")}; -v shows all.`] : []),
  ];
}

function errorLines(
  { message, hint }: ErrorReport,
  paint: Paint,
  { differences }: Outcome,
): readonly string[] {
  const lines = differences.length > 0
    ? []
    : [note(paint, "red", "error", escapeText(message))];
  return hint === undefined ? lines : [...lines, `${indent}${escapeText(hint)}`];
}

function verboseLines(
  { path, remote, events, destination, seconds }: Outcome,
  { paint, cwd }: OutcomeStyle,
): readonly string[] {
  const counts = countsText(events);
  const there = remote === undefined ? destination : `${destination} as ${remote.id}`;
  return [
    note(paint, "dim", "from", shownPath(path, cwd)),
    note(paint, "dim", "to", escapeText(there)),
    ...(counts === "" ? [] : [note(paint, "dim", "events", counts)]),
    note(paint, "dim", "took", `${seconds.toFixed(2)} s`),
  ];
}
