import type { Context, Destination } from "../adapter.ts";
import { systemCode } from "../errors.ts";
import { writeMark } from "../files/mark.ts";
import type { RunRef } from "../model/run.ts";
import { requiredOf } from "./clean.ts";
import { isLossless } from "./loss_counter.ts";
import type { Outcome } from "./outcome.ts";

/** What tells whether a run may be marked. */
export interface MarkOptions {
  readonly destinations: readonly Destination[];
  readonly context: Context;
}

/**
 * Marks a run as uploaded for the tools of its tracker, if it has ended, all of it is proven to be
 * at every destination, and it is still where it was. Those tools take the mark for a licence to
 * delete. A mark that cannot be written is told to the user and changes nothing else.
 */
export async function markSynced(
  { mark, path }: RunRef,
  outcomes: readonly Outcome[],
  { destinations, context }: MarkOptions,
): Promise<readonly Outcome[]> {
  if (mark === undefined || !isProven(outcomes, destinations)) return outcomes;
  try {
    await writeMark(mark);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    context.notice(`Cannot mark ${path} as synced (${code}), though it has arrived.`);
    return outcomes;
  }
  return outcomes.map((outcome) => ({ ...outcome, marked: true }));
}

function isProven(outcomes: readonly Outcome[], destinations: readonly Destination[]): boolean {
  return destinations.length > 0 && destinations.every((destination, at) => {
    const outcome = outcomes[at];
    return outcome?.destination === destination.name && isWhole(outcome) &&
      (outcome.assurance === "exact" || outcome.assurance === requiredOf(destination));
  });
}

/** Whether all of a run that has ended was read and taken, and it was not deleted afterwards. */
function isWhole(outcome: Outcome): boolean {
  const { status, events, excluded, gaps, tail, losses, differences, cleaned, error } = outcome;
  return (status === "done" || status === "skipped") && error === undefined && !cleaned &&
    (events.finish ?? 0) > 0 && Object.keys(excluded).length === 0 && gaps === 0 &&
    tail === undefined && isLossless(losses) && differences.length === 0;
}
