/**
 * A JSON value without loss: integers beyond 2^53 are `bigint`, and NaN and the infinities may
 * stand wherever a number may.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonArray
  | JsonObject;

/** A JSON array. */
export type JsonArray = readonly Json[];

/** A JSON object. Keys come from users: read with `Object.hasOwn`, write with {@link setKey}. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON object under construction. */
export interface MutableJsonObject {
  [key: string]: Json;
}

/** A whole number; `bigint` only beyond ±2^53. */
export type Integer = number | bigint;

/**
 * Sets a key that a user chose: `__proto__` becomes an ordinary property instead of a prototype.
 */
export function setKey<Value>(
  target: { [key: string]: Value },
  key: string,
  value: Value,
): void {
  if (key !== "__proto__") {
    target[key] = value;
    return;
  }
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Whether a value is an object, not null and not an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
