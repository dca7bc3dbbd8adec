import type { Context, RunPart } from "../../../src/adapter.ts";
import { CancelledError, SourceError } from "../../../src/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { Mapper } from "./mapping/mapper.ts";
import type { Column, MediaPoint, Outbox } from "./mapping/outbox.ts";
import { StepSet } from "./step_set.ts";
import type { DeliveryOptions } from "./writer_options.ts";

/** Which points a run directory has, by its own count of steps. */
export interface Survey {
  /** Whether its steps begin anew, so that they move behind those of earlier parts. */
  readonly restarts: boolean;
  /** By key, without the tracker's own monitoring; none where nothing more was wanted. */
  readonly points: ReadonlyMap<string, StepSet>;
}

/** How a survey is made. */
export interface SurveyOptions extends Pick<DeliveryOptions, "xAxis" | "tool"> {
  readonly context: Context;
  /** Whether nothing more is wanted of a part that restarts. */
  readonly onlyOverlapping: boolean;
}

/**
 * Reads a part of a run to learn which points it has; undefined when it cannot be read, which is
 * then told by whoever sends it. Memory grows with the keys, not the points.
 */
export async function survey(part: RunPart, options: SurveyOptions): Promise<Survey | undefined> {
  try {
    return await surveyed(part, options);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}

async function surveyed(
  { info, open }: RunPart,
  { context, onlyOverlapping, xAxis, tool }: SurveyOptions,
): Promise<Survey> {
  await using reader = await open();
  const points = new Points();
  const mapper = new Mapper(points, { run: info, xAxis, tool });
  let restarts: boolean | undefined;
  for await (const events of reader.events()) {
    if (context.signal.aborted) throw new CancelledError();
    for (const event of events) {
      restarts ??= info.writer.tracker === "wandb" ? isAtStart(event) : false;
      mapper.map(event);
    }
    if (restarts === true && onlyOverlapping) break;
  }
  const isBrief = restarts === true && onlyOverlapping;
  return { restarts: restarts ?? false, points: isBrief ? new Map() : points.byKey };
}

/** Whether a row is at the first step of all; undefined for what is no row. */
function isAtStart(event: RunEvent): boolean | undefined {
  return event.type === "history" || event.type === "media" ? Number(event.step) === 0 : undefined;
}

/** Takes what the mapping makes of a run, and keeps the steps only. */
class Points implements Outbox<StepSet> {
  readonly byKey: Map<string, StepSet> = new Map();

  series({ key, system }: Column): StepSet {
    const steps = new StepSet();
    if (!system) this.byKey.set(key, steps);
    return steps;
  }

  scalar(steps: StepSet, _seq: number, step: number): void {
    steps.add(step);
  }

  media(steps: StepSet, { step }: MediaPoint): void {
    steps.add(step);
  }

  log(): void {}
  file(): void {}
  identity(): void {}
  profile(): void {}
  ending(): void {}
  loss(): void {}
}
