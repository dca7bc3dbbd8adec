import { UsageError } from "../errors.ts";

const units: ReadonlyMap<string, number> = new Map([
  ["", 1000],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

/**
 * Reads a duration such as "90s", "30m", "24h", "7d"; a bare number is seconds. In ms.
 * @throws {UsageError} when it is none.
 */
export function parseDuration(text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?) *([a-z]*)$/.exec(text) ?? [];
  const factor = units.get(unit);
  if (count === undefined || factor === undefined) {
    throw new UsageError(`Cannot read the duration "${text}"`, {
      hint: "Write it as 90s, 30m, 24h, 7d or 2w.",
    });
  }
  return Number(count) * factor;
}
