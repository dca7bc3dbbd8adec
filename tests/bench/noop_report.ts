import type { NoopCost, NoopCosts } from "./noop_measure.ts";

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, at) => at === 0 ? "---" : "---:");
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function row(name: string, { seconds, cpu, peak, sent, requests }: NoopCost): readonly string[] {
  const asked = requests === undefined ? "–" : count(requests);
  return [name, count(sent), seconds.toFixed(2), cpu.toFixed(2), (peak / 1e6).toFixed(0), asked];
}

/** What it costs to sync runs again, as a heading and a table. */
export function noopSheet(
  runs: number,
  lines: readonly (readonly [string, NoopCosts])[],
): string {
  const head = ["", "runs sent", "s", "CPU s", "peak MB", "requests"];
  const rows = lines.flatMap(([name, { first, nothing, oneChanged }]) => [
    row(`${name}, the first time`, first),
    row(`${name}, nothing to do`, nothing),
    row(`${name}, one run changed`, oneChanged),
  ]);
  return [`### ${count(runs)} runs, again`, "", table(head, rows), ""].join("\n");
}
