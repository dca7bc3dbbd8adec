import type { Json } from "../../../../src/model/json.ts";

/**
 * JSON of a value with every digit of its integers. NaN and the infinities, which JSON cannot say,
 * are the strings "NaN", "Infinity" and "-Infinity", or bare words as Python writes and reads them.
 */
export function jsonText(value: Json, nonFinite: "quoted" | "bare" = "quoted"): string {
  if (typeof value === "number") return numberText(value, nonFinite);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item: Json) => jsonText(item, nonFinite)).join(",")}]`;
  }
  const properties = Object.entries(value)
    .map(([key, property]) => `${JSON.stringify(key)}:${jsonText(property, nonFinite)}`);
  return `{${properties.join(",")}}`;
}

function numberText(value: number, nonFinite: "quoted" | "bare"): string {
  if (!Number.isFinite(value)) return nonFinite === "bare" ? String(value) : `"${value}"`;
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  // Digits alone would be read as an integer, of which the last ones are not meant.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const encoder = new TextEncoder();

/** {@link jsonText} as UTF-8. */
export function jsonBytes(value: Json): Uint8Array {
  return encoder.encode(jsonText(value));
}
