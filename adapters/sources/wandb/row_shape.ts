import type { HistoryValue } from "../../../src/model/event.ts";
import { setKey } from "../../../src/model/json.ts";
import type { HistoryKey } from "./history_key.ts";

/** Shapes kept at most; beyond it they are found anew. */
const mostShapes = 512;

/** A set of keys that rows were seen with, in the order of the first of these rows. */
export interface RowShape {
  readonly keys: readonly HistoryKey[];
  /** Whether two of the keys are spelled the same once their parts are joined. */
  readonly ambiguous: boolean;
  /** Whether one of the keys has a name that only {@link setKey} may set. */
  readonly hostile: boolean;
}

/**
 * Remembers which keys rows have. Clients from 0.17 on write the items of each row in a random
 * order; filling every object in the order of the first one keeps them all of one hidden class,
 * which makes both writing and reading them several times faster.
 */
export class RowShapes {
  readonly #shapes = new Map<number, RowShape>();
  #latest: RowShape = { keys: [], ambiguous: false, hostile: false };
  #latestSignature = 0;

  /**
   * The shape of a row with the first `count` of `keys`, all different and marked with the row's
   * number. `signature` is the sum of their ids.
   */
  find(
    keys: readonly HistoryKey[],
    count: number,
    signature: number,
    row: number,
  ): RowShape {
    if (signature === this.#latestSignature && fits(this.#latest, count, row)) {
      return this.#latest;
    }
    let shape = this.#shapes.get(signature);
    if (shape === undefined || !fits(shape, count, row)) {
      const own = keys.slice(0, count);
      const names = new Set(own.map(({ name }) => name));
      shape = { keys: own, ambiguous: names.size !== count, hostile: names.has("__proto__") };
      if (this.#shapes.size >= mostShapes) this.#shapes.clear();
      this.#shapes.set(signature, shape);
    }
    this.#latest = shape;
    this.#latestSignature = signature;
    return shape;
  }
}

function fits({ keys }: RowShape, count: number, row: number): boolean {
  if (keys.length !== count) return false;
  for (const key of keys) if (key.row !== row) return false;
  return true;
}

/** The values that the shape's keys have at the moment. */
export function valuesOf({ keys, hostile }: RowShape): { [key: string]: HistoryValue } {
  const values: { [key: string]: HistoryValue } = {};
  if (hostile) { for (const key of keys) setKey(values, key.name, key.value); }
  else for (const key of keys) values[key.name] = key.value;
  return values;
}
