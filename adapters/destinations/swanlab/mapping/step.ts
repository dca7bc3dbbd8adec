import type { Integer } from "../../../../src/model/json.ts";
import type { Losses } from "./losses.ts";

/**
 * A step that a host keeps: whole, from 0 on, and exact as a number of JSON. Others are counted as
 * lost. The newest client refuses steps beyond 2^48; earlier ones did not (swanlog-format §3.9).
 */
export function keptStep(step: Integer, seq: number, losses: Losses): number | undefined {
  if (typeof step === "number" && step >= 0) return step;
  const reason = step < 0 ? "a step below 0" : "a step beyond 2^53";
  losses.unsupported(seq, reason, String(step));
  return undefined;
}
