import type { Json, JsonObject } from "../model/json.ts";
import { isObject } from "../model/json.ts";
import { writeLosslessJson } from "../codec/lossless_json.ts";
import { escapeText } from "./escape.ts";
import { truncate } from "./width.ts";

/** A number with at most six significant digits; whole numbers in full. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isInteger(value)) {
    const digits = String(value);
    return digits.length <= 20 ? digits : Number(value).toPrecision(6);
  }
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** A value on one line, safe to show. */
export function formatValue(value: Json): string {
  if (typeof value === "number" || typeof value === "bigint") {
    return formatNumber(value);
  }
  if (typeof value === "string") {
    return value === "" ? '""' : escapeText(value);
  }
  return escapeText(writeLosslessJson(value));
}

/** An object as an indented tree: one line a value, nothing longer than `width`. */
export function treeLines(
  object: JsonObject,
  indent: string,
  width: number,
): readonly string[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const name = key === "" ? '""' : escapeText(key);
    if (isObject(value) && Object.keys(value).length > 0) {
      return [
        truncate(`${indent}${name}:`, width),
        ...treeLines(value, `${indent}  `, width),
      ];
    }
    return [truncate(`${indent}${name}: ${formatValue(value)}`, width)];
  });
}
