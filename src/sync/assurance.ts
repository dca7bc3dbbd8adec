import type { Assurance } from "../adapter.ts";

/** From the least to the most. */
const order: readonly Assurance[] = ["none", "accepted", "counted", "exact"];

/** Whether one assurance is as good as another, or better. */
export function isAtLeast(reached: Assurance, wanted: Assurance): boolean {
  return order.indexOf(reached) >= order.indexOf(wanted);
}
