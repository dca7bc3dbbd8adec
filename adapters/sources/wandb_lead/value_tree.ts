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
 * there. Only objects that the tree made itself are changed, never those of `value`.
 */
export function setPath(tree: Tree, path: readonly string[], value: Json): void {
  let at = tree;
  for (let depth = 0; depth < path.length - 1; depth++) at = below(at, path[depth] ?? "");
  const key = path.at(-1) ?? "";
  if (!isObject(value)) return setKey(at, key, value);
  const object = below(at, key);
  for (const [name, part] of Object.entries(value)) setPath(object, [name], part);
}

/** Removes the value at a path and everything below it. */
export function removePath(tree: Tree, path: readonly string[]): void {
  let at: Json | undefined = tree;
  for (let depth = 0; depth < path.length - 1; depth++) {
    at = own(at, path[depth] ?? "");
    if (!isObject(at)) return;
  }
  delete (at as Tree)[path.at(-1) ?? ""];
}

/** The object at a key; it is made in place of anything else. */
export function below(tree: Tree, key: string): Tree {
  const here = own(tree, key);
  if (isObject(here)) return here as Tree;
  const made: Tree = {};
  setKey(tree, key, made);
  return made;
}
