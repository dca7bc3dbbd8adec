import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";

/** A property of an object; undefined when the value is no object or has none of that name. */
export function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A text that is not empty; protobuf does not tell an empty one from none. */
export function textOf(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A number; integers beyond 2^53 are none. */
export function numberOf(value: Json | undefined, name: string): number | undefined {
  const found = member(value, name);
  return typeof found === "number" ? found : undefined;
}

/** An object. */
export function objectOf(value: Json | undefined, name: string): JsonObject | undefined {
  const found = member(value, name);
  return isObject(found) ? found : undefined;
}

/** An array; empty when there is none. */
export function listOf(value: Json | undefined, name: string): readonly Json[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

/** The texts in an array. */
export function textsOf(value: Json | undefined, name: string): readonly string[] {
  return listOf(value, name).filter((entry) => typeof entry === "string");
}

/** Drops the properties that are undefined. */
export function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
}

/** A copy without some properties. */
export function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
}
