import type { LosslessObject, LosslessValue } from "../../../src/codec/lossless_json.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";
import type { Reply } from "./session.ts";

/** An object, or an empty one for anything else. */
export function objectOf(value: LosslessValue | undefined): LosslessObject {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as LosslessObject : {};
}

/** An array, or an empty one for anything else; servers say null for "no data". */
export function arrayOf(value: LosslessValue | undefined): readonly LosslessValue[] {
  return Array.isArray(value) ? value as readonly LosslessValue[] : [];
}

/** A text that is not empty. */
export function textOf(value: LosslessValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A finite number; the nearest one for a whole number that none is equal to. */
export function numberOf(value: LosslessValue | undefined): number | undefined {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/**
 * A text that an answer must have.
 * @throws {UnexpectedResponse} when it has not.
 */
export function requiredText(reply: Reply, name: string, what: string): string {
  const text = textOf(objectOf(reply.value)[name]);
  if (text !== undefined) return text;
  throw new UnexpectedResponse(`Cannot ${what}: the host's answer has no "${name}"`);
}
