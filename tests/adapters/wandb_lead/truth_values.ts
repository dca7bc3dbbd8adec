import type { FixtureRun, Truth } from "./fixture_runs.ts";
import { isObject, type Json } from "../../../src/model/json.ts";

/** What clients of one kind do to values before they write them. */
export interface Writing {
  /** Go client that writes one item for every leaf: 0.17 and later. */
  readonly nested: boolean;
  /** Clients before 0.15 that write an empty text as an empty list. */
  readonly emptyTextAsList: boolean;
  /** numpy's own NaN becomes null, up to 0.28.0. */
  readonly numpyNanAsNull: boolean;
}

/** How the client of a fixture writes. */
export function writingOf({ label }: FixtureRun): Writing {
  const [, minor = 0, patch = 0] = label.split(/[.-]/).map(Number);
  const go = (minor >= 18 && !label.endsWith("-legacy")) || /-(core|nexus)$/.test(label);
  return {
    nested: go && minor >= 17,
    emptyTextAsList: minor < 15,
    numpyNanAsNull: minor < 28 || (minor === 28 && patch < 1),
  };
}

/** A value that only its client can tell: a datetime's text, a histogram's bins. */
export class Approximate {
  readonly fits: (value: Json) => boolean;
  constructor(fits: (value: Json) => boolean) {
    this.fits = fits;
  }
}

/** A media value, by its ids in the truth. */
export class Media {
  readonly ids: readonly string[];
  constructor(ids: readonly string[]) {
    this.ids = ids;
  }
}

export type Expected = Json | Approximate | Media;

/** The leaves of a logged value by their key, as they must arrive. */
export function leaves(
  key: string,
  logged: Truth,
  writing: Writing,
): readonly (readonly [string, Expected])[] {
  const value = unwrapped(logged, writing);
  if (value instanceof Approximate || value instanceof Media || !isObject(value)) {
    return [[key, value]];
  }
  return Object.entries(logged).flatMap(([name, part]) => leaves(`${key}.${name}`, part, writing));
}

function unwrapped(logged: Truth, writing: Writing): Expected {
  if (Array.isArray(logged)) {
    const media = logged.filter((each) => each?.$media !== undefined);
    if (media.length > 0) return new Media(media.map((each) => each.$media));
    return logged.map((each) => plain(each, writing));
  }
  if (logged?.$media !== undefined) return new Media([logged.$media]);
  if (logged?.$numpy !== undefined) return numpy(logged, writing);
  if (logged?.$datetime !== undefined) {
    return new Approximate((value) => value === logged.$datetime);
  }
  return plain(logged, writing);
}

function plain(logged: Truth, writing: Writing): Json {
  if (logged === "" && writing.emptyTextAsList) return [];
  if (typeof logged === "string") return writing.nested ? logged.toWellFormed() : logged;
  if (typeof logged !== "object" || logged === null) return logged;
  if (Array.isArray(logged)) return logged.map((each) => plain(each, writing));
  if (logged.$float !== undefined) return Number(logged.$float);
  if (logged.$int !== undefined) {
    const whole = BigInt(logged.$int);
    return writing.nested && BigInt.asIntN(64, whole) !== whole ? Number(whole) : whole;
  }
  return Object.fromEntries(
    Object.entries(logged).map(([key, each]) => [key, plain(each, writing)]),
  );
}

/** Up to 32 elements are written as they are, one alone as a number; more become a histogram. */
function numpy({ shape, value }: Truth, writing: Writing): Expected {
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  if (size > 32) return new Media([]);
  const one = size === 1 ? [value].flat(shape.length)[0] : value;
  if (one?.$float === "NaN" && writing.numpyNanAsNull) return null;
  return plain(one, writing);
}
