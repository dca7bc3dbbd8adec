import type { Look } from "./point_sender.ts";
import { logKey } from "./point_sender.ts";
import { readLog } from "./read_log.ts";
import { readMedia } from "./read_media.ts";
import { readScalars } from "./read_scalars.ts";
import type { RunPlace } from "./run_place.ts";
import type { StepSet } from "./step_set.ts";

/** A way to see which points a host has, whether it shows them or not. */
export function lookFor(place: RunPlace): Look {
  return async (type, keys) => {
    if (type === "log") {
      const log = await readLog(place, { bounded: false });
      return log && new Map([[logKey, log.steps]]);
    }
    const question = { keys, bounded: false };
    if (type === "scalar") {
      const held = await readScalars(place, question);
      return held && steps([...held]);
    }
    const held = await readMedia(place, question);
    return held && steps([...held].map(([key, { tally }]) => [key, tally] as const));
  };
}

function steps(
  tallies: readonly (readonly [string, { readonly steps: StepSet }])[],
): ReadonlyMap<string, StepSet> {
  return new Map(tallies.map(([key, { steps }]) => [key, steps] as const));
}
