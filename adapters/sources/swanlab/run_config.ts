import {
  isObject,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../../../src/model/json.ts";
import { parsePythonYaml } from "../../../src/codec/python_yaml.ts";

/** The run's configuration, as far as the file holds it. */
export interface RunConfig {
  readonly set: JsonObject;
  /** Whether all of the file was that: not cut short, and not a user's file of the same name. */
  readonly complete: boolean;
}

/** What each value of `config.yaml` is wrapped in. */
const wrapper = new Set(["desc", "sort", "value"]);

/** Reads `files/config.yaml`: `{key: {desc, sort, value}}`, in the order of `sort`. */
export function readConfig(text: string): RunConfig {
  const { value, complete } = parsePythonYaml(text);
  if (value === null) return { set: {}, complete };
  if (!isObject(value)) return { set: {}, complete: false };
  const entries = Object.entries(value);
  const own = entries.filter((entry): entry is [string, JsonObject] => isWrapped(entry[1]));
  own.sort(([, left], [, right]) => position(left) - position(right));
  const set: MutableJsonObject = {};
  for (const [key, wrapped] of own) setKey(set, key, wrapped["value"] ?? null);
  return { set, complete: complete && own.length === entries.length };
}

function isWrapped(value: JsonObject[string]): value is JsonObject {
  return isObject(value) && Object.hasOwn(value, "value") &&
    Object.keys(value).every((name) => wrapper.has(name));
}

function position(wrapped: JsonObject): number {
  const sort = wrapped["sort"];
  return typeof sort === "number" ? sort : Infinity;
}
