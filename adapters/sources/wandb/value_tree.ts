import type { HistoryValue } from "../../../src/model/event.ts";
import { isObject, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";

/** An object of a row, by name. */
interface Branch extends Map<string, Branch | Leaf> {}

/** A value that is no object. */
interface Leaf {
  readonly value: HistoryValue;
}

/** A value that W&B keeps as a whole. */
export interface SpecialValue {
  readonly path: readonly string[];
  /** Objects with a `_type`: one, or the elements of an array that has such. */
  readonly value: JsonObject | readonly Json[];
}

/** A value of a row that stands for itself. */
export interface PlainValue {
  readonly path: readonly string[];
  readonly value: HistoryValue;
}

/**
 * The values of one row, put together again: clients from 0.17 on take objects apart and write each
 * leaf as an item of its own, older ones write objects whole; here both become the same tree.
 */
export class ValueTree {
  readonly #root: Branch = new Map();

  /** Adds an item; what was at its path is replaced, unless both are objects, which join. */
  set(path: readonly string[], value: Json): void {
    let branch = this.#root;
    for (const name of path.slice(0, -1)) branch = branchAt(branch, name);
    setValue(branch, path.at(-1) ?? "", value);
  }

  /** Everything in it: objects with a text `_type` are special, all other leaves are plain. */
  *values(): Generator<SpecialValue | PlainValue, void, undefined> {
    yield* below(this.#root, []);
  }
}

function branchAt(branch: Branch, name: string): Branch {
  const found = branch.get(name);
  if (found instanceof Map) return found;
  const made: Branch = new Map();
  branch.set(name, made);
  return made;
}

function setValue(branch: Branch, name: string, value: Json): void {
  if (!isObject(value)) {
    branch.set(name, { value: value as HistoryValue });
    return;
  }
  const inner = branchAt(branch, name);
  for (const [key, property] of Object.entries(value)) setValue(inner, key, property);
}

function* below(
  branch: Branch,
  path: readonly string[],
): Generator<SpecialValue | PlainValue, void, undefined> {
  for (const [name, found] of branch) {
    const inner = [...path, name];
    if (!(found instanceof Map)) yield { path: inner, value: found.value };
    else if (isSpecial(found)) yield { path: inner, value: objectOf(found) };
    else yield* below(found, inner);
  }
}

function isSpecial(branch: Branch): boolean {
  const type = branch.get("_type");
  return type !== undefined && !(type instanceof Map) && typeof type.value === "string";
}

function objectOf(branch: Branch): JsonObject {
  const object: { [key: string]: Json } = {};
  for (const [name, found] of branch) {
    setKey(object, name, found instanceof Map ? objectOf(found) : found.value as Json);
  }
  return object;
}
