import type { Steps } from "./step_groups.ts";
import { upTo } from "./step_groups.ts";
import type { PointType } from "./point_batch.ts";
import type { Look } from "./point_sender.ts";
import { logKey } from "./point_sender.ts";
import { readLog } from "./read_log.ts";
import { readMedia } from "./read_media.ts";
import { readScalars } from "./read_scalars.ts";
import { readSummary } from "./read_summary.ts";
import type { RunPlace } from "./run_place.ts";

/**
 * A way to see which points a host has, whether it shows them or not: every step where it can tell,
 * else everything up to the last one.
 */
export function lookFor(place: RunPlace): Look {
  return async (type, keys) => await everyStep(place, type, keys) ?? await lastSteps(place, type);
}

type Held = ReadonlyMap<string, Steps>;

async function everyStep(
  place: RunPlace,
  type: PointType,
  keys: readonly string[],
): Promise<Held | undefined> {
  if (type === "log") {
    const log = await readLog(place, { bounded: false });
    return log && new Map([[logKey, log.steps]]);
  }
  const question = { keys, bounded: false };
  if (type === "scalar") {
    const held = await readScalars(place, question);
    return held && new Map([...held].map(([key, { steps }]) => [key, steps] as const));
  }
  const held = await readMedia(place, question);
  return held && new Map([...held].map(([key, { tally }]) => [key, tally.steps] as const));
}

async function lastSteps(place: RunPlace, type: PointType): Promise<Held | undefined> {
  const summary = await readSummary(place);
  if (summary === undefined) return undefined;
  if (type === "log") return new Map([[logKey, upTo(summary.lines)]]);
  const last = type === "scalar" ? summary.scalars : summary.media;
  return new Map([...last].map(([key, step]) => [key, upTo(step)] as const));
}
