import picomatch from "picomatch";
import { UsageError } from "../errors.ts";
import type { Inspection } from "./inspect.ts";

/** Which runs to take. */
export interface Filter {
  /** Whether a decision needs the whole run to be read first. */
  readonly needsReading: boolean;
  /** `now` in ms since epoch, for ages. */
  matches(inspection: Inspection, now: number): boolean;
}

type Rule = (inspection: Inspection, now: number) => boolean;

const texts: {
  readonly [field: string]: (inspection: Inspection) => readonly string[];
} = {
  id: ({ info }) => [info.id],
  name: ({ info }) => [info.name ?? ""],
  project: ({ info }) => [info.project ?? ""],
  state: ({ state }) => [state],
  path: ({ info }) => [info.path],
};

/**
 * Reads the values of `--include` and `--exclude`: `FIELD:GLOB` with FIELD one of id, name,
 * project, state, path; `age:<7d` or `age:>12h` by the start of the run; a bare GLOB means id, name
 * or directory name. A run is taken when any include matches (or none is given) and no exclude does.
 * @throws {UsageError} for an age that cannot be read.
 */
export function parseFilters(
  { include, exclude }: {
    readonly include: readonly string[];
    readonly exclude: readonly string[];
  },
): Filter {
  const wanted = include.map(rule);
  const unwanted = exclude.map(rule);
  return {
    needsReading: wanted.length + unwanted.length > 0,
    matches: (inspection, now) =>
      (wanted.length === 0 ||
        wanted.some((matches) => matches(inspection, now))) &&
      !unwanted.some((matches) => matches(inspection, now)),
  };
}

function rule(text: string): Rule {
  const colon = text.indexOf(":");
  const field = colon < 0 ? "" : text.slice(0, colon);
  if (field === "age") return age(text.slice(colon + 1));
  const named = Object.hasOwn(texts, field) ? texts[field] : undefined;
  const values = named ??
    (({ info }: Inspection) => [info.id, info.name ?? "", info.directory]);
  const matches = picomatch(
    named === undefined ? text : text.slice(colon + 1),
    {
      dot: true,
      bash: true,
    },
  );
  return (inspection) => values(inspection).some((value) => matches(value));
}

const units: { readonly [unit: string]: number } = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

function age(text: string): Rule {
  const match = /^([<>])(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  const [, sign, count, unit] = match ?? [];
  if (sign === undefined || count === undefined || unit === undefined) {
    throw new UsageError(`Cannot read the age "${text}"`, {
      hint: "Write it as age:<7d or age:>12h, with s, m, h, d or w.",
    });
  }
  const limit = Number(count) * (units[unit] ?? 0);
  return ({ info }, now) => {
    if (info.startedAt === undefined) return false;
    const age = now - info.startedAt;
    return sign === "<" ? age < limit : age > limit;
  };
}
