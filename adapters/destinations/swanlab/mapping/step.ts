import type { Integer } from "../../../../src/model/json.ts";
import type { Losses } from "./losses.ts";

/**
 * A step that a host keeps: whole, from 0 on, and exact as a double of at most 63 bits. Others are
 * counted as lost. The newest client refuses steps beyond 2^48; earlier ones sent them
 * (swanlog-format §3.9).
 */
export function keptStep(step: Integer, seq: number, losses: Losses): number | undefined {
  if (typeof step === "number" && step >= 0) return step;
  const number = Number(step);
  if (number >= 0 && number < 2 ** 63 && BigInt(number) === step) return number;
  const reason = step < 0 ? "a step below 0" : "a step that no double holds";
  losses.unsupported(seq, reason, String(step));
  return undefined;
}
