import { isObject, type Json } from "../../../src/model/json.ts";

/** An object under construction, whatever its keys are called. */
export type Mutable = { [key: string]: Json };

/** Sets a key, `__proto__` included. */
export function merge(target: Mutable, key: string, value: Json): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Sets a path; objects go into objects, anything else takes the place of what was there. */
export function put(target: Mutable, path: readonly string[], value: Json): void {
  const [key, ...rest] = path as [string, ...string[]];
  const here = Object.hasOwn(target, key) ? target[key] : undefined;
  const below: Mutable = isObject(here) ? here as Mutable : {};
  if (rest.length > 0) put(below, rest, value);
  else if (isObject(value)) {
    for (const [name, part] of Object.entries(value)) put(below, [name], part);
  } else return merge(target, key, value);
  merge(target, key, below);
}

/** Takes a path out. */
export function removeAt(target: Mutable, path: readonly string[]): void {
  const [key, ...rest] = path as [string, ...string[]];
  const here = Object.hasOwn(target, key) ? target[key] : undefined;
  if (rest.length === 0) delete target[key];
  else if (isObject(here)) removeAt(here as Mutable, rest);
}
