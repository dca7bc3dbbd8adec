import {
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../../../../src/model/json.ts";

/** A value with NaN and the infinities as the strings "NaN", "Infinity" and "-Infinity". */
export function plainJson(value: Json): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plainJson);
  return isObject(value) ? plainObject(value) : value;
}

/** {@link plainJson} of an object. */
export function plainObject(object: JsonObject): JsonObject {
  const plain: MutableJsonObject = {};
  for (const [key, value] of Object.entries(object)) setKey(plain, key, plainJson(value));
  return plain;
}
