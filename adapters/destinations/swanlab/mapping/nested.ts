import {
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../../../../src/model/json.ts";

/** Merges `set` deeply into `object`: objects join, anything else replaces. */
export function merged(object: JsonObject, set: JsonObject): JsonObject {
  const result: MutableJsonObject = {};
  for (const [key, value] of Object.entries(object)) setKey(result, key, value);
  for (const [key, value] of Object.entries(set)) {
    const old = own(object, key);
    setKey(result, key, isObject(old) && isObject(value) ? merged(old, value) : value);
  }
  return result;
}

/** An object without what is at `path`. */
export function without(object: JsonObject, path: readonly string[]): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined || !Object.hasOwn(object, name)) return object;
  const result: MutableJsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    if (key !== name) setKey(result, key, value);
    else if (rest.length > 0) setKey(result, key, isObject(value) ? without(value, rest) : value);
  }
  return result;
}

/** The value of a key that a user chose. */
function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
