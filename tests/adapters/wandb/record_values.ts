/** What the items of a record say, worked out from records.jsonl on its own terms. */
import { parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";

/** An item: where, and what. */
export type Assignment = readonly [path: readonly string[], value: Json];

/** The items under a name of a record. */
export function assignments(record: JsonObject, name: string): readonly Assignment[] {
  const items = (record[name] ?? []) as readonly JsonObject[];
  return items.map((item) => {
    const nested = item["nested_key"] as readonly string[] | undefined;
    const path = nested ?? [(item["key"] ?? "") as string];
    const text = item["value_json"] as string | undefined;
    return [path, text === undefined ? null : parseLosslessJson(text)];
  });
}

/** Every leaf: objects taken apart, so that whole and exploded values look the same. */
export function leaves(items: readonly Assignment[]): readonly Assignment[] {
  return items.flatMap(([path, value]): readonly Assignment[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? leaves(Object.entries(value).map(([key, inner]) => [[...path, key], inner]))
      : [[path, value]]
  );
}

/** The row that a history record stands for. */
export interface ExpectedRow {
  readonly step: Json | undefined;
  readonly timestamp: Json | undefined;
  /** Name and value of what is neither reserved nor part of a media value. */
  readonly values: ReadonlyMap<string, Json>;
  /** The leaves of each media value, by path. */
  readonly special: ReadonlyMap<string, ReadonlyMap<string, Json>>;
}

const reserved = new Set(["_step", "_timestamp", "_runtime"]);

function isMediaList(value: Json): boolean {
  return Array.isArray(value) &&
    value.some((entry) => typeof entry === "object" && entry !== null && "_type" in entry);
}

/** Splits the leaves of a history record. */
export function expectedRow(history: JsonObject): ExpectedRow {
  const all = leaves(assignments(history, "item"));
  const roots = all.filter(([path]) => path.length > 1 && path.at(-1) === "_type")
    .map(([path]) => path.slice(0, -1))
    .filter((path, _, others) =>
      !others.some((other) => other.length < path.length && starts(path, other))
    );
  const values = new Map<string, Json>();
  const special = new Map<string, Map<string, Json>>();
  for (const [path, value] of all) {
    const base = roots.find((candidate) => starts(path, candidate));
    if (base !== undefined) {
      const name = base.join(".");
      const group = special.get(name) ?? new Map<string, Json>();
      special.set(name, group.set(JSON.stringify(path.slice(base.length)), value));
    } else if (isMediaList(value)) special.set(path.join("."), new Map([["[]", value]]));
    else if (path.length > 1 || !reserved.has(path[0] ?? "")) values.set(path.join("."), value);
  }
  const find = (name: string): Json | undefined =>
    all.find(([path]) => path.length === 1 && path[0] === name)?.[1];
  return { step: find("_step"), timestamp: find("_timestamp"), values, special };
}

function starts(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((name, index) => path[index] === name);
}

/** ms since epoch of a timestamp as records.jsonl spells it. */
export function millis(text: Json | undefined): number | undefined {
  if (typeof text !== "string") return undefined;
  const [, second = "", fraction = "0"] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return Date.parse(`${second}Z`) + Number(`0.${fraction}`) * 1000;
}
