import type { CleanAttempt } from "../sync/clean_sync.ts";
import type { Proof } from "../sync/clean.ts";
import { type JsonLine, runJson } from "./json_run.ts";
import { escapeText } from "./escape.ts";
import type { Paint, Style } from "./style.ts";
import { shownPath } from "./text_outcome.ts";
import { formatBytes, formatMany } from "./units.ts";
import { hang, padEnd, padStart } from "./width.ts";

/** What became of one run directory that was to be deleted. */
export interface CleanedRun {
  readonly proof: Proof;
  readonly attempt: CleanAttempt;
}

/** How a list of them is shown. */
export interface CleanStyle {
  readonly paint: Paint;
  /** Columns per line. */
  readonly columns: number;
  /** Current directory: paths below it are shown relative to it. */
  readonly cwd: string;
}

const width = { word: 8, size: 8 };
const indent = " ".repeat(width.word + 2);

/** A line about a run directory, and under it why it is kept. */
export function cleanedText({ proof, attempt }: CleanedRun, style: CleanStyle): string {
  const { paint, cwd, columns } = style;
  const [word, colour] = wordFor(attempt);
  const size = padStart(formatBytes(proof.directory.bytes), width.size);
  const path = shownPath(proof.ref.path, cwd);
  const lines = [
    [paint(colour, padEnd(word, width.word)), size, path].join("  "),
    ...attempt.reasons.flatMap((reason) =>
      hang(indent, indent.length, escapeText(reason), columns)
    ),
    ...(attempt.error?.hint === undefined ? [] : hang(
      `${indent}${paint("cyan", "hint:")} `,
      indent.length + 6,
      escapeText(attempt.error.hint),
      columns,
    )),
    ...(attempt.trash === undefined
      ? []
      : hang(indent, indent.length, `It is in ${shownPath(attempt.trash, cwd)} now.`, columns)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function wordFor({ cleaned, planned, trash, error }: CleanAttempt): readonly [string, Style] {
  if (error !== undefined) return ["failed", "red"];
  if (cleaned) return [trash === undefined ? "deleted" : "moved", "green"];
  return planned ? ["would go", "cyan"] : ["kept", "yellow"];
}

/** The same as a line of JSON; docs/json.md documents it. */
export function cleanedJson({ proof, attempt }: CleanedRun): JsonLine {
  const { ref, info, directory, outcomes } = proof;
  return {
    type: "clean",
    path: ref.path,
    source: ref.source,
    run: runJson(info),
    ...attempt,
    bytes: directory.bytes,
    proofs: outcomes.map(({ destination, assurance, differences }) => ({
      destination,
      assurance,
      differences,
    })),
  };
}

/** The sum of a `clean`. */
export interface CleanSum {
  readonly runs: number;
  readonly cleaned: number;
  /** Runs that would go, but for a dry run. */
  readonly planned: number;
  readonly kept: number;
  readonly failed: number;
  /** Size of what went, or would go. */
  readonly bytes: number;
  readonly seconds: number;
}

/** The sum for people. */
export function cleanSumText(sum: CleanSum, { paint }: CleanStyle): string {
  const { runs, cleaned, planned, kept, failed, bytes } = sum;
  const gone = planned > 0
    ? `${planned} would go (${formatBytes(bytes)})`
    : `${cleaned} gone (${formatBytes(bytes)})`;
  const text = `${formatMany(runs, "run")}: ${gone}, ${kept} kept, ${failed} failed`;
  return `\n${paint("bold", text)}\n`;
}
