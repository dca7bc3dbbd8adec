/** How truth.json spells what the program logged, and what clients are known to change. */
import type { Json, JsonObject } from "../../../src/model/json.ts";
import type { FixtureRun } from "./fixture_runs.ts";

/** A value of truth.json as it was in the program; numpy values are the lists and numbers they are. */
export function decoded(value: Json): Json {
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== "object" || value === null) return value;
  const object = value as JsonObject;
  if (typeof object["$float"] === "string") return Number(object["$float"]);
  if (typeof object["$int"] === "string") return BigInt(object["$int"]);
  if (typeof object["$datetime"] === "string") return object["$datetime"];
  if (typeof object["$numpy"] === "string") return decoded(object["value"] ?? null);
  return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, decoded(inner)]));
}

/** Whether a value is a media object, or a list of such. */
export function mediaIds(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(mediaIds);
  const id = typeof value === "object" && value !== null && (value as JsonObject)["$media"];
  return typeof id === "string" ? [id] : [];
}

/** Whether a client, told by its label, is written in Python. */
export function isPython(label: string): boolean {
  return /^0\.1[0-7]\.\d+$|-legacy$/.test(label);
}

/** Whether `label` is of a version before `version`, such as "0.15". */
function before(label: string, version: string): boolean {
  const number = (text: string): number =>
    text.split(/[.-]/).slice(0, 3).reduce((sum, part) => sum * 1000 + (Number(part) || 0), 0);
  return number(label) < number(`${version}.0`.split(".").slice(0, 3).join("."));
}

/**
 * The leaves of a logged value by name, changed as the client of the run changes them; see the
 * README of the fixtures.
 */
export function expectedLeaves(
  run: FixtureRun,
  key: string,
  logged: Json,
): readonly (readonly [name: string, value: Json])[] {
  const { label } = run;
  const isGo = !isPython(label);
  const explodes = isGo && !label.startsWith("0.16.6") && !label.startsWith("0.15.10");
  if (key === "" && explodes) return [];
  if (isNumpyArray(logged, 33)) return [];
  if (isNumpyArray(logged, 1) && (logged as JsonObject)["value"] instanceof Array) {
    const flat = (decoded(logged) as Json[]).flat(9);
    if (flat.length === 1) return [[key, flat[0] ?? null]];
  }
  const isNumpy = typeof logged === "object" && logged !== null && "$numpy" in logged;
  const value = decoded(logged);
  if (isNumpy && Number.isNaN(value) && before(label, "0.28.1")) return [[key, null]];
  return leavesOf(value, key, (leaf) => changed(leaf, label, isGo));
}

function isNumpyArray(value: Json, size: number): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const shape = (value as JsonObject)["shape"];
  return Array.isArray(shape) && shape.length > 0 &&
    shape.reduce((product: number, length) => product * Number(length), 1) >= size;
}

function leavesOf(
  value: Json,
  name: string,
  change: (leaf: Json) => Json,
): readonly (readonly [string, Json])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[name, change(value)]];
  }
  return Object.entries(value as JsonObject)
    .flatMap(([key, inner]) => leavesOf(inner, `${name}.${key}`, change));
}

function changed(leaf: Json, label: string, isGo: boolean): Json {
  const keepsAsText = label.startsWith("0.16.6") || label.startsWith("0.15.10");
  if (leaf === "" && !isGo && before(label, "0.15")) return [];
  if (typeof leaf === "bigint" && isGo && !keepsAsText && BigInt.asIntN(64, leaf) !== leaf) {
    return Number(leaf);
  }
  if (typeof leaf === "string" && isGo && !keepsAsText) return leaf.toWellFormed();
  return leaf;
}
