import type { Points } from "./points.ts";

/**
 * The places of at most `most` points that show the same curve: the first, the last, and of each
 * stretch between them the one that spans the largest triangle with its neighbours.
 */
export function downsample({ steps, values }: Points, most: number): readonly number[] {
  const count = steps.length;
  if (count <= most || most < 3) {
    return Array.from({ length: Math.min(count, most) }, (_, at) => at);
  }
  const kept = [0];
  const width = (count - 2) / (most - 2);
  for (let stretch = 0; stretch < most - 2; stretch++) {
    const start = Math.floor(stretch * width) + 1;
    const end = Math.floor((stretch + 1) * width) + 1;
    const next = mean(steps, values, end, Math.min(Math.floor((stretch + 2) * width) + 1, count));
    const from = kept.at(-1) ?? 0;
    let best = start;
    let largest = -1;
    for (let at = start; at < end; at++) {
      const area = Math.abs(
        (num(steps, from) - next.step) * (num(values, at) - num(values, from)) -
          (num(steps, from) - num(steps, at)) * (next.value - num(values, from)),
      );
      if (area <= largest) continue;
      largest = area;
      best = at;
    }
    kept.push(best);
  }
  kept.push(count - 1);
  return kept;
}

function mean(
  steps: Float64Array,
  values: Float64Array,
  start: number,
  end: number,
): { readonly step: number; readonly value: number } {
  let step = 0;
  let value = 0;
  for (let at = start; at < end; at++) {
    step += num(steps, at);
    value += num(values, at);
  }
  const count = Math.max(end - start, 1);
  return { step: step / count, value: value / count };
}

/** The number at a place; 0 for what is not finite and so has no height. */
function num(column: Float64Array, at: number): number {
  const value = column[at] ?? 0;
  return Number.isFinite(value) ? value : 0;
}
