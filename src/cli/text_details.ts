import type { Integer } from "../model/json.ts";
import type { RunDetails, Some } from "./details.ts";
import { escapeConsole, escapeText } from "./escape.ts";
import type { MetricDetails } from "./metric_details.ts";
import { sparkline } from "./sparkline.ts";
import type { Paint } from "./style.ts";
import { type Column, layoutTable } from "./table.ts";
import { identityLines } from "./text_identity.ts";
import { tailText } from "./text_outcome.ts";
import { formatNumber, formatValue, treeLines } from "./text_value.ts";
import { formatBytes, formatCount, formatMany } from "./units.ts";
import { hang, truncate } from "./width.ts";

/** How details are shown. */
export interface DetailsStyle {
  readonly paint: Paint;
  /** Columns per line. */
  readonly columns: number;
  readonly cwd: string;
  /** Also shows environment and system metrics in full. */
  readonly verbose: boolean;
}

/** Everything about one run, in sections; lines without line ends. */
export function detailsLines(
  details: RunDetails,
  style: DetailsStyle,
): readonly string[] {
  const { columns, verbose } = style;
  const tree = (object: RunDetails["config"]): readonly string[] =>
    treeLines(object, "  ", columns);
  return [
    ...identityLines(details, style),
    ...section("config", tree(details.config), style),
    ...metricSection("metrics", details.metrics, true, style),
    ...metricSection("system", details.system, verbose, style),
    ...section("summary", tree(details.summary), style),
    ...section("media", mediaLines(details, columns), style),
    ...section("files", fileLines(details.files), style),
    ...section("artifacts", someLines(details.artifacts, escapeText), style),
    ...section(
      "environment",
      verbose ? tree(details.environment) : [],
      style,
    ),
    ...section(
      "alerts",
      someLines(
        details.alerts,
        ({ level, title, text }) => escapeText(`${level}: ${title}: ${text}`),
      ),
      style,
    ),
    ...section("console", consoleLines(details.console, columns), style),
    ...section("damage", damageLines(details, columns), style),
  ];
}

function section(
  title: string,
  lines: readonly string[],
  { paint }: DetailsStyle,
): readonly string[] {
  if (lines.length === 0) return [];
  return ["", paint("bold", title), ...lines];
}

const metricColumns: readonly Column[] = [
  { title: "  KEY", cut: "end", rank: 10 },
  { title: "SHAPE", rank: 6 },
  { title: "LAST", align: "right", rank: 9 },
  { title: "MIN", align: "right", rank: 4 },
  { title: "MAX", align: "right", rank: 3 },
  { title: "POINTS", align: "right", rank: 5 },
  { title: "STEPS", align: "right", rank: 2 },
];

function metricSection(
  title: string,
  metrics: readonly MetricDetails[],
  full: boolean,
  style: DetailsStyle,
): readonly string[] {
  if (metrics.length === 0) return [];
  const points = metrics.reduce((sum, metric) => sum + metric.points, 0);
  const sum = `${formatMany(metrics.length, "key")}, ${formatMany(points, "point")}`;
  if (!full) return section(title, [`  ${sum}; -v shows them.`], style);
  const width = style.columns >= 120 && Number.isFinite(style.columns) ? 40 : 24;
  const rows = metrics.map((metric) => metricRow(metric, width));
  return section(title, layoutTable(metricColumns, rows, style.columns), style);
}

function metricRow(metric: MetricDetails, width: number): readonly string[] {
  const { key, last, min, max, points } = metric;
  const shape = min === undefined ? "" : sparkline(metric.sketch.values(width));
  return [
    `  ${keyText(key)}`,
    shape,
    truncate(formatValue(last), 24),
    min === undefined ? "-" : formatNumber(min),
    max === undefined ? "-" : formatNumber(max),
    formatCount(points),
    rangeText(metric.firstStep, metric.lastStep),
  ];
}

function keyText(key: string): string {
  return key === "" ? '""' : escapeText(key);
}

function rangeText(first: Integer | undefined, last: Integer | undefined): string {
  if (first === undefined || last === undefined) return "-";
  return first === last ? String(first) : `${first}-${last}`;
}

const mediaColumns: readonly Column[] = [
  { title: "  KEY", cut: "end", rank: 10 },
  { title: "KIND", rank: 9 },
  { title: "ITEMS", align: "right", rank: 8 },
  { title: "TIMES", align: "right", rank: 7 },
  { title: "LAST STEP", align: "right", rank: 6 },
];

function mediaLines({ media }: RunDetails, columns: number): readonly string[] {
  if (media.length === 0) return [];
  const rows = media.map(({ key, kind, count, items, lastStep }) => [
    `  ${keyText(key)}`,
    escapeText(kind),
    formatCount(items),
    formatCount(count),
    String(lastStep),
  ]);
  return layoutTable(mediaColumns, rows, columns);
}

function fileLines(files: RunDetails["files"]): readonly string[] {
  return someLines(
    files,
    ({ name, bytes }) =>
      bytes === undefined ? escapeText(name) : `${escapeText(name)} (${formatBytes(bytes)})`,
  );
}

function someLines<Item>(
  { count, items }: Some<Item>,
  text: (item: Item) => string,
): readonly string[] {
  const more = count - items.length;
  return [
    ...items.map((item) => `  ${text(item)}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
  ];
}

function consoleLines(
  { count, items }: RunDetails["console"],
  columns: number,
): readonly string[] {
  if (count === 0) return [];
  const lines = items.map(({ text, stream }) =>
    truncate(`  ${stream === "stdout" ? "│" : "!"} ${escapeConsole(text)}`, columns)
  );
  const first = count > items.length ? [`  the last of ${formatMany(count, "line")}:`] : [];
  return [...first, ...lines];
}

function damageLines(
  { gaps, unknown, tail }: RunDetails,
  columns: number,
): readonly string[] {
  const places = someLines(
    gaps,
    ({ offset, bytes, reason }) =>
      `${formatMany(bytes, "byte")} at ${formatCount(offset)}: ${escapeText(reason)}`,
  );
  const strange = `  ${formatMany(unknown, "record")} of a kind that is not known`;
  return [
    ...places,
    ...(unknown > 0 ? [strange] : []),
    ...(tail === undefined ? [] : hang("  ", 2, tailText(tail), columns)),
  ];
}
