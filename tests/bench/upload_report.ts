import type { HostRate } from "./host_rate.ts";
import type { Measured } from "./measure.ts";
import type { FarUpload, Traffic } from "./upload_measure.ts";

/** One program on one run. */
export interface UploadLine {
  readonly name: string;
  readonly measured: Measured;
  readonly traffic: Traffic;
}

function megabytes(bytes: number, digits = 0): string {
  return (bytes / 1e6).toFixed(digits);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, at) => at === 0 ? "---" : "---:");
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** One run as a heading and a table; the ratios are those of the first line to each. */
export function uploadSheet(name: string, lines: readonly UploadLine[]): string {
  const head = ["", "s", "CPU s", "peak MB", "requests", "body MB", "times our s", "times our CPU"];
  const ours = lines[0]?.measured;
  const rows = lines.map(({ name, measured: { seconds, cpu, peak }, traffic }) => [
    name,
    seconds.toFixed(2),
    cpu.toFixed(2),
    megabytes(peak),
    count(traffic.requests),
    megabytes(traffic.bytes, 1),
    times(seconds / (ours?.seconds ?? NaN)),
    times(cpu / (ours?.cpu ?? NaN)),
  ]);
  return [`### ${name}`, "", table(head, rows), ""].join("\n");
}

/** Uploads over a long line as a heading and a table. */
export function farSheet(
  line: { readonly roundTrip: number; readonly bandwidth: number },
  uploads: readonly (readonly [string, FarUpload])[],
): string {
  const head = ["", "s", "MB there", "MB back", "bytes ÷ bandwidth, s", "ratio", "connections"];
  const rows = uploads.map(([name, { seconds, sent, received, bound, connections }]) => [
    name,
    seconds.toFixed(2),
    megabytes(sent, 1),
    megabytes(received, 1),
    bound.toFixed(2),
    times(seconds / bound),
    count(connections),
  ]);
  const where = `### Over ${line.roundTrip} ms of round trip and ${megabytes(line.bandwidth)} MB/s`;
  return [where, "", table(head, rows), ""].join("\n");
}

/** What the host bears, as a heading and a table. */
export function rateSheet({ points, seconds, cpu, early, late }: HostRate): string {
  const head = ["", "points/s", "CPU s", "MB after a quarter", "MB at the end"];
  const row = [`${count(points)} points`, count(points / seconds), cpu.toFixed(1)]
    .concat([megabytes(early), megabytes(late)]);
  return ["### What `runferry serve` takes in", "", table(head, [row]), ""].join("\n");
}
