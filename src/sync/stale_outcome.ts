import type { Inspection } from "./inspect.ts";
import type { LiveReport } from "./live_lane.ts";
import type { Outcome } from "./outcome.ts";

/** What is known of a stale run besides what is in it. */
export interface StaleDetail {
  readonly excluded: Outcome["excluded"];
  readonly seconds: number;
  /** What the destination has taken; undefined where a run is there as a whole or not at all. */
  readonly live: LiveReport | undefined;
}

/** The outcome of a run that stopped growing without an end, at a destination that has part of it. */
export function staleOutcome(
  destination: string,
  { info, events, gaps, points, bytes }: Inspection,
  { excluded, seconds, live }: StaleDetail,
): Outcome {
  return {
    path: info.path,
    source: info.source,
    info,
    destination,
    status: "partial",
    stale: true,
    events,
    excluded,
    ...(live ?? { sent: 0, present: 0, losses: [] }),
    gaps,
    assurance: live === undefined ? "none" : "accepted",
    differences: [],
    points,
    files: 0,
    bytes,
    cleaned: false,
    seconds,
  };
}
