import type { RunInfo } from "../model/run.ts";
import type { Settled } from "./lane_journal.ts";
import type { Outcome } from "./outcome.ts";

/** The outcome of a run that needed nothing, as its journal tells it. */
export function settledOutcome(
  info: RunInfo,
  destination: string,
  { verified, acknowledged, finished }: Settled,
  seconds: number,
): Outcome {
  const { remote, assurance, points, files, bytes } = verified;
  return {
    path: info.path,
    source: info.source,
    info,
    destination,
    remote,
    status: "skipped",
    events: finished.events,
    excluded: {},
    sent: 0,
    present: acknowledged.through + 1,
    losses: acknowledged.losses,
    gaps: finished.gaps,
    assurance,
    differences: [],
    points,
    files,
    bytes,
    cleaned: false,
    seconds,
  };
}
