import type { LosslessObject, LosslessValue } from "../../src/codec/lossless_json.ts";

function isObject(value: LosslessValue | undefined): value is LosslessObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path of object keys; undefined where it leads nowhere. */
export function at(value: LosslessValue | undefined, ...path: readonly string[]):
  | LosslessValue
  | undefined {
  let found = value;
  for (const key of path) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** The items of an array at a path; none where there is no array. */
export function itemsAt(
  value: LosslessValue | undefined,
  ...path: readonly string[]
): readonly LosslessValue[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The entries of an object at a path; none where there is no object. */
export function entriesAt(
  value: LosslessValue | undefined,
  ...path: readonly string[]
): readonly (readonly [string, LosslessValue])[] {
  const found = at(value, ...path);
  return isObject(found) ? Object.entries(found) : [];
}

/** The text at a path; "" where there is none. */
export function textAt(value: LosslessValue | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** A JSON text in which equal values look equal: keys in order, numbers by value. */
export function canonical(value: LosslessValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) =>
      `${JSON.stringify(key)}:${canonical(member)}`
    );
    return `{${members.sort().join(",")}}`;
  }
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
