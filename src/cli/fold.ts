import {
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../model/json.ts";

/** What a series of config or summary events amounts to. */
export class Fold {
  #value: JsonObject = {};

  /** Merges `set` deeply, then takes out the paths of `remove`. */
  add(set: JsonObject, remove: readonly (readonly string[])[] = []): void {
    this.#value = merge(this.#value, set);
    for (const path of remove) this.#value = without(this.#value, path);
  }

  /** The object so far. */
  get value(): JsonObject {
    return this.#value;
  }
}

function merge(old: JsonObject, set: JsonObject): JsonObject {
  const merged: MutableJsonObject = copy(old);
  for (const [key, value] of Object.entries(set)) {
    const before: Json | undefined = Object.hasOwn(old, key) ? old[key] : undefined;
    setKey(
      merged,
      key,
      isObject(before) && isObject(value) ? merge(before, value) : value,
    );
  }
  return merged;
}

function without(old: JsonObject, path: readonly string[]): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(old, key)) return old;
  const inner = old[key];
  const left: MutableJsonObject = {};
  for (const [name, value] of Object.entries(old)) {
    if (name !== key) setKey(left, name, value);
    else if (rest.length > 0 && isObject(inner)) {
      setKey(left, name, without(inner, rest));
    }
  }
  return left;
}

function copy(object: JsonObject): MutableJsonObject {
  const copied: MutableJsonObject = {};
  for (const [key, value] of Object.entries(object)) setKey(copied, key, value);
  return copied;
}
