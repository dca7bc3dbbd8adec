import type { Totals } from "../sync/outcome.ts";
import { escapeText } from "./escape.ts";
import type { Paint } from "./style.ts";
import { shownPath } from "./text_outcome.ts";
import { formatBytes, formatMany, formatSeconds } from "./units.ts";
import { wrap } from "./width.ts";

/** How a sum is shown. */
export interface SummaryStyle {
  readonly paint: Paint;
  /** Columns per line. */
  readonly columns: number;
  readonly cwd: string;
  readonly purpose: "sync" | "verify";
  /** Names of the destinations. */
  readonly destinations: readonly string[];
  /** Runs that a dry run would ferry. */
  readonly planned: number;
  /** Outcomes that failed only because the user asked to stop. */
  readonly cancelled: number;
}

/** The sum of a command over many runs and what to try next; empty when there was no run. */
export function summaryText(totals: Totals, style: SummaryStyle): string {
  if (totals.runs === 0) return "";
  const { runs, points, files, bytes, seconds } = totals;
  const head = `${formatMany(runs, "run")}: ${countsText(totals, style)}`;
  const amounts = `${formatMany(points, "point")}, ${formatMany(files, "file")}, ` +
    `${formatBytes(bytes)} in ${formatSeconds(seconds)}`;
  const [first = "", ...rest] = wrap(`${head}; ${amounts}`, style.columns);
  const next = nextText(totals, style);
  const lines = [
    "",
    style.paint("bold", first),
    ...rest.map((line) => style.paint("bold", line)),
    ...(next === "" ? [] : wrap(next, style.columns)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function countsText(
  { done, partial, failed, skipped }: Totals,
  { purpose, planned, cancelled }: SummaryStyle,
): string {
  const broken = failed - cancelled;
  const stopped = cancelled > 0 ? `, ${cancelled} cancelled` : "";
  if (planned > 0) return `${planned} planned, ${broken} failed${stopped}`;
  return purpose === "verify"
    ? `${done} verified, ${broken + partial} not${stopped}`
    : `${done} done, ${partial} partial, ${broken} failed, ${skipped} skipped${stopped}`;
}

function nextText(
  { done, partial, failed, skipped }: Totals,
  { purpose, planned, cancelled, destinations, cwd }: SummaryStyle,
): string {
  if (cancelled > 0) return "Run the same command again to go on from here.";
  const isArchive = (name: string): boolean => name.startsWith("archive:");
  const shown = (name: string): string =>
    quote(isArchive(name) ? shownPath(name.replace(/^archive:/, ""), cwd) : name);
  const places = destinations.map(shown).join(" ");
  if (planned > 0) return `This was a dry run: nothing was written to ${places}.`;
  if (purpose === "verify") {
    return failed + partial === 0
      ? ""
      : "Nothing was changed. Sync again to send what is missing or damaged.";
  }
  if (failed > 0 && done + partial + skipped > 0) {
    return "Sync again once the errors above are seen to: what has arrived is skipped.";
  }
  const archives = destinations.filter(isArchive).map(shown).join(" ");
  return done + partial === 0 || archives === ""
    ? ""
    : `Try next: runferry verify ${archives}, or runferry ls ${archives}`;
}

/** Quotes for a shell where it must be. */
function quote(path: string): string {
  const safe = escapeText(path);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
