import type { LosslessObject, LosslessValue } from "../../../src/codec/lossless_json.ts";
import type { HistoryValue } from "../../../src/model/event.ts";
import type { Integer } from "../../../src/model/json.ts";

/** The member of an object, own ones only; undefined when there is none or it is null. */
export function member(
  value: LosslessValue | undefined,
  name: string,
): LosslessValue | undefined {
  const object = asObject(value);
  if (object === undefined || !Object.hasOwn(object, name)) return undefined;
  return object[name] ?? undefined;
}

/** The value as an object. */
export function asObject(
  value: LosslessValue | undefined,
): LosslessObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as LosslessObject
    : undefined;
}

/** The value as an array. */
export function asArray(
  value: LosslessValue | undefined,
): readonly LosslessValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The value as a text. */
export function asText(value: LosslessValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value as an array of texts; undefined when one of them is none. */
export function asTexts(
  value: LosslessValue | undefined,
): readonly string[] | undefined {
  const array = asArray(value);
  return array?.every((item) => typeof item === "string") ? array : undefined;
}

/** The value as a whole number, also when it is spelled as a text (swanlab up to 0.2.0). */
export function asInteger(
  value: LosslessValue | undefined,
): Integer | undefined {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) {
    return value as Integer;
  }
  if (typeof value !== "string" || !/^-?\d{1,100}$/.test(value)) {
    return undefined;
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** Words that clients write for what is no number; all but the first two only converters do. */
const words = new Map<string, number>([
  ["NaN", NaN],
  ["INF", Infinity],
  ["-INF", -Infinity],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/** The value of a point: a number, one of the words for what is none, or a text as it is. */
export function asPoint(
  value: LosslessValue | undefined,
): HistoryValue | undefined {
  if (typeof value === "string") return words.get(value) ?? value;
  return typeof value === "number" || typeof value === "bigint" ||
      typeof value === "boolean"
    ? value
    : undefined;
}
