import { isObject, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";

/** A JSON object that grows by paths. */
export interface Tree {
  [key: string]: Json;
}

/** The value at one key of an object, if it is its own. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Sets the value at a path: objects are merged deeply into objects, anything else replaces what is
 * there. Values are never changed in place where they came from a caller.
 */
export function setPath(tree: Tree, path: readonly string[], value: Json): void {
  const [key = "", ...rest] = path;
  const here = own(tree, key);
  const below: Tree = isObject(here) ? copy(here) : {};
  if (rest.length > 0) {
    setPath(below, rest, value);
    setKey(tree, key, below);
  } else if (isObject(value)) {
    for (const [name, part] of Object.entries(value)) setPath(below, [name], part);
    setKey(tree, key, below);
  } else {
    setKey(tree, key, value);
  }
}

/** Removes the value at a path and everything below it. */
export function removePath(tree: Tree, path: readonly string[]): void {
  const [key = "", ...rest] = path;
  const here = own(tree, key);
  if (rest.length === 0) delete tree[key];
  else if (isObject(here)) {
    const below = copy(here);
    removePath(below, rest);
    setKey(tree, key, below);
  }
}

function copy(object: JsonObject): Tree {
  const tree: Tree = {};
  for (const [key, value] of Object.entries(object)) setKey(tree, key, value);
  return tree;
}
