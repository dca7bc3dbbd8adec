import type { RunPart } from "../generate/run_part.ts";

/** Values by step by key; several where parts of a run have one each for a step. */
type Points = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<number>>>;

/** Every how many rows there is a line. */
const lineEvery = 20;

/** The points that a part logged, its steps moved by `offset`. */
function pointsOf(part: RunPart, offset: number): readonly [string, number, number][] {
  const { loss, valEvery = 10 } = part;
  return stepsOf(part).flatMap((step): [string, number, number][] => [
    ["loss", step + offset, loss],
    ...(step % valEvery === 0 ? [["val", step + offset, loss] as [string, number, number]] : []),
  ]);
}

/** The points that the parts of a run logged, as a host has to show them. */
export function pointsOfRun(parts: readonly RunPart[]): Points {
  const points = new Map<string, Map<number, Set<number>>>();
  let next = 0;
  for (const part of parts) {
    // W&B begins at 0 again when it is offline, and means the step behind the last one.
    const offset = part.tracker === "wandb" && part.steps[0] === 0 ? next : 0;
    for (const [key, step, value] of pointsOf(part, offset)) {
      const steps = points.get(key) ?? new Map<number, Set<number>>();
      points.set(key, steps);
      steps.set(step, (steps.get(step) ?? new Set()).add(value));
    }
    next = Math.max(next, part.steps[1] + offset + 1);
  }
  return points;
}

/** The lines that a part printed. */
export function linesOf(part: RunPart): readonly string[] {
  return stepsOf(part).filter((step) => step % lineEvery === 0)
    .map((step) => `${part.loss} at ${step}`);
}

function stepsOf({ steps: [first, last] }: RunPart): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
