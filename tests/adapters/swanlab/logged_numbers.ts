/** The numbers that the fixtures' programs logged, as their clients are known to keep them. */
import type { OracleLine } from "./fixture_runs.ts";

/** What a program logged may be stored otherwise by its client; each rule is one of the clients'. */
export interface Rules {
  /** Between the parts of a nested key. */
  readonly separator: string;
  /** Whether keys lose dots and slashes at their edges instead of being refused. */
  readonly stripsEdges: boolean;
  /** Whether infinities keep their sign. */
  readonly keepsSign: boolean;
  /** Whether the later of two points with one step counts. */
  readonly overwrites: boolean;
  /** Longest key. */
  readonly longest: number;
}

export function rulesOf(version: string): Rules {
  const [, minor = 0, patch = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  const isNew = minor >= 8;
  return {
    separator: isNew ? "/" : ".",
    stripsEdges: isNew,
    keepsSign: isNew,
    overwrites: minor === 7 && patch >= 12 && patch <= 14,
    longest: isNew || (minor === 7 && patch >= 16) ? 512 : 255,
  };
}

const floats: { readonly [word: string]: number } = {
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
  "-0.0": -0,
};

/** The number that a client makes of a logged value; undefined when it makes none. */
export function numberOf(value: OracleLine, rules: Rules): number | undefined {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number") return value;
  if (value?.$int !== undefined) return Number(BigInt(value.$int));
  if (value?.$float === undefined) return undefined;
  const number = floats[value.$float] as number;
  return number === -Infinity && !rules.keepsSign ? Infinity : number;
}

/** The numbers that a program logged at steps of its own choice, by key and step. */
export function loggedNumbers(calls: readonly OracleLine[], rules: Rules): Map<string, number> {
  const logged = new Map<string, number>();
  for (const { step, data, raised } of calls) {
    if (!Number.isSafeInteger(step) || step < 0 || raised !== undefined) continue;
    for (const [name, value] of flat(data, rules.separator)) {
      const key = name.trim().slice(0, rules.longest);
      const number = numberOf(value, rules);
      const id = `${key} @ ${step}`;
      if (number === undefined || (logged.has(id) && !rules.overwrites)) continue;
      logged.set(id, number);
    }
  }
  return logged;
}

/** The leaves of logged data by their joined keys. */
export function flat(data: OracleLine, separator: string): [string, OracleLine][] {
  return Object.entries(data).flatMap(([key, value]: [string, OracleLine]) => {
    const isLeaf = typeof value !== "object" || value === null || Array.isArray(value) ||
      Object.keys(value).some((name) => /^\$(?:int|float|py|media)$/.test(name));
    if (isLeaf) return [[key, value]];
    return flat(value, separator).map(([name, leaf]): [string, OracleLine] => [
      key + separator + name,
      leaf,
    ]);
  });
}

/** What the clients' rules leave of the points with a step of the program's choice, as counted by hand. */
export const dropped: { readonly [fixture: string]: (id: string) => boolean } = {
  // The candidate stores no number at all.
  "0.8.0rc1 basic": () => true,
  "0.8.0rc1 basic-local": () => true,
  // A buffered writer that was killed.
  "0.7.20 crash": (id) => Number(id.split("@ ")[1]) > 100,
  "0.9.7 crash": (id) => Number(id.split("@ ")[1]) > 100,
  "0.10.3 crash": (id) => Number(id.split("@ ")[1]) > 100,
};

/** Keys that a client drops, or numbers that it makes of other things. */
export function isOdd(id: string): boolean {
  return /^(?:mixed|weird|oddstep|npi|arr0|\/start|end\/|\.dot|dot\.| @|new\nline)/.test(id);
}
