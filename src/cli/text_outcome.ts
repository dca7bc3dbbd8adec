import { isAbsolute, relative } from "node:path";
import type { Tail } from "../adapter.ts";
import type { EventType } from "../model/event.ts";
import type { ErrorReport, LossCount, Outcome } from "../sync/outcome.ts";
import { escapeText } from "./escape.ts";
import type { Paint, Style } from "./style.ts";
import { formatBytes, formatCount, formatMany } from "./units.ts";
import { hang, padEnd, padStart, textWidth, truncate, truncateMiddle } from "./width.ts";

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

/** Something about a run that is worth a line of its own. */
interface Note {
  readonly word: string;
  readonly colour: Style;
  readonly text: string;
}

/** Width of each column before the name of the run. */
const columns = { status: 8, points: 10, files: 6, size: 8, proof: 8 };
const gap = "  ";
const indent = " ".repeat(columns.status + gap.length);
/** Columns that the name of a run gets even if the line then breaks. */
const leastLabel = 16;
/** Differences shown for one run, unless verbose. */
const shownDifferences = 5;

/** The titles above the lines of {@link outcomeText}. */
export function outcomeTitles({ paint, destination }: OutcomeStyle): string {
  const titles = [
    padEnd("STATUS", columns.status),
    padStart("POINTS", columns.points),
    padStart("FILES", columns.files),
    padStart("SIZE", columns.size),
    padEnd("PROOF", columns.proof),
    ...(destination > 0 ? [padEnd("DESTINATION", destination)] : []),
    "RUN",
  ];
  return `${paint("bold", titles.join(gap))}\n`;
}

/** One aligned line about a run, and indented ones about what did not arrive as it was. */
export function outcomeText(outcome: Outcome, style: OutcomeStyle): string {
  const lines = [
    outcomeLine(outcome, style),
    ...notes(outcome, style).flatMap((note) => noteLines(note, style)),
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
export function tailText({ offset, bytes, reason }: Tail): string {
  const before = bytes === 0 ? "" : `, ${formatMany(bytes, "byte")} before its end`;
  return `The log ends early at byte ${formatCount(offset)}${before} (${
    escapeText(reason)
  }): the job was killed or still runs.`;
}

function outcomeLine(outcome: Outcome, style: OutcomeStyle): string {
  const [word, colour] = statusWord(outcome, style);
  const { points, files, bytes, assurance, destination } = outcome;
  const cells = [
    padStart(formatCount(points), columns.points),
    padStart(formatCount(files), columns.files),
    padStart(formatBytes(bytes), columns.size),
    padEnd(assurance === "none" ? "-" : assurance, columns.proof),
  ];
  if (style.destination > 0) {
    const name = truncateMiddle(escapeText(destination), style.destination);
    cells.push(padEnd(name, style.destination));
  }
  const front = cells.join(gap);
  const used = indent.length + front.length + gap.length;
  const label = runLabel(outcome, style.cwd, Math.max(leastLabel, style.columns - used));
  const status = style.paint(colour, padEnd(word, columns.status));
  return [status, front, label].join(gap);
}

function statusWord(
  { status, planned, stale, differences }: Outcome,
  { purpose }: OutcomeStyle,
): readonly [string, Style] {
  if (planned) return ["planned", "cyan"];
  if (stale) return ["stale", "yellow"];
  if (differences.length > 0) return ["differs", "red"];
  if (status === "failed") return ["failed", "red"];
  if (status === "partial") return ["partial", "yellow"];
  if (status === "skipped") return ["skipped", "dim"];
  return [purpose === "verify" ? "verified" : "done", "green"];
}

function runLabel({ info, path }: Outcome, cwd: string, width: number): string {
  if (info === undefined) return truncateMiddle(shownPath(path, cwd), width);
  const directory = escapeText(info.directory);
  if (info.name === undefined || info.name === info.directory || textWidth(directory) >= width) {
    return truncateMiddle(directory, width);
  }
  return truncate(`${directory}${gap}${escapeText(info.name)}`, width);
}

function noteLines(
  { word, colour, text }: Note,
  { paint, columns }: OutcomeStyle,
): readonly string[] {
  const front = `${indent}${paint(colour, `${word}:`)} `;
  return hang(front, indent.length + word.length + 2, text, columns);
}

function notes(outcome: Outcome, style: OutcomeStyle): readonly Note[] {
  const { losses, excluded, gaps, tail, error, remote, status } = outcome;
  const left = countsText(excluded);
  return [
    ...(remote?.url === undefined || status === "skipped"
      ? []
      : [{ word: "at", colour: "dim", text: escapeText(remote.url) } as const]),
    ...(style.verbose ? verboseNotes(outcome, style) : []),
    ...losses.map((loss): Note => ({ word: "lost", colour: "yellow", text: lossText(loss) })),
    ...(left === ""
      ? []
      : [{ word: "left out", colour: "dim", text: `${left}, as asked` } as const]),
    ...(gaps === 0 ? [] : [{ word: "damage", colour: "yellow", text: gapsText(gaps) } as const]),
    ...(tail === undefined
      ? []
      : [{ word: "cut", colour: "yellow", text: tailText(tail) } as const]),
    ...(outcome.stale ? [staleNote(outcome)] : []),
    ...(outcome.kept ?? []).map((text): Note => ({
      word: "kept",
      colour: "yellow",
      text: escapeText(text),
    })),
    ...(outcome.cleaned ? [cleanedNote(outcome, style)] : []),
    ...differenceNotes(outcome, style),
    ...(error === undefined ? [] : errorNotes(error, outcome)),
  ];
}

function staleNote({ assurance }: Outcome): Note {
  const there = assurance === "none"
    ? "nothing of it is there before its end"
    : "what there is of it has arrived";
  const text = `It has not grown for long and did not end; ${there}. ` +
    "--finish-stale completes such runs, marked as broken off.";
  return { word: "stale", colour: "yellow", text };
}

function cleanedNote({ trash }: Outcome, { cwd }: OutcomeStyle): Note {
  const text = trash === undefined
    ? "The run directory is deleted."
    : `The run directory is in ${shownPath(trash, cwd)} now.`;
  return { word: "cleaned", colour: "green", text };
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

function gapsText(gaps: number): string {
  return `${formatMany(gaps, "place")} in the log cannot be read; reading went on after ${
    gaps === 1 ? "it" : "them"
  }.`;
}

function differenceNotes({ differences }: Outcome, { verbose }: OutcomeStyle): readonly Note[] {
  const shown = verbose ? differences : differences.slice(0, shownDifferences);
  const more = differences.length - shown.length;
  const word = "differs";
  return [
    ...shown.map((text): Note => ({ word, colour: "red", text: escapeText(text) })),
    ...(more > 0
      ? [{ word, colour: "red", text: `${formatCount(more)} more; -v shows all.` } as const]
      : []),
  ];
}

function errorNotes({ message, hint }: ErrorReport, { differences }: Outcome): readonly Note[] {
  const isSaid = differences.length > 0;
  return [
    ...(isSaid ? [] : [{ word: "error", colour: "red", text: escapeText(message) } as const]),
    ...(hint === undefined
      ? []
      : [{ word: "hint", colour: "cyan", text: escapeText(hint) } as const]),
  ];
}

function verboseNotes(
  { path, remote, events, destination, seconds }: Outcome,
  { cwd }: OutcomeStyle,
): readonly Note[] {
  const counts = countsText(events);
  const there = remote === undefined ? destination : `${destination} as ${remote.id}`;
  const pairs: readonly (readonly [string, string])[] = [
    ["from", shownPath(path, cwd)],
    ["to", escapeText(there)],
    ["events", counts === "" ? "none read" : counts],
    ["took", `${seconds.toFixed(2)} s`],
  ];
  return pairs.map(([word, text]) => ({ word, colour: "dim", text }));
}
