import type { IdleCost } from "./watch_idle.ts";
import type { Latencies } from "./watch_latency.ts";

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, at) => at === 0 ? "---" : "---:");
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What idle runs cost, as a heading and a table. */
export function idleSheet(
  watched: number,
  lines: readonly (readonly [string, IdleCost])[],
): string {
  const head = ["", "all read, s", "CPU s", `% of a processor over ${watched} s`, "peak MB"]
    .concat(["MB then", "SIGTERM to end, ms"]);
  const rows = lines.map(([name, { seconds, cpu, share, peak, resident, ending }]) => [
    name,
    seconds.toFixed(1),
    cpu.toFixed(1),
    (share * 100).toFixed(2),
    (peak / 1e6).toFixed(0),
    (resident / 1e6).toFixed(0),
    (ending * 1000).toFixed(0),
  ]);
  const count = lines[0]?.[1].runs.toLocaleString("en-US") ?? "No";
  return [`### ${count} runs that were broken off long ago`, "", table(head, rows), ""].join("\n");
}

/** How soon points show, as a heading and a table. */
export function latencySheet(lines: readonly (readonly [string, Latencies])[]): string {
  const head = ["", "rows", "median ms", "95 of 100 within ms", "slowest ms"];
  const rows = lines.map(([name, latencies]) => {
    const within = (share: number): string =>
      (latencies[Math.ceil(share * latencies.length) - 1] ?? NaN).toFixed(0);
    return [name, `${latencies.length}`, within(0.5), within(0.95), within(1)];
  });
  return ["### From a row on the disk to its point at the host", "", table(head, rows), ""]
    .join("\n");
}
