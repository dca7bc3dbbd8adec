import { UsageError } from "../errors.ts";

/** Unix times from here on are in ms: as seconds they would be after the year 5000. */
const leastMilliseconds = 1e11;

/**
 * A step of a range.
 * @throws {UsageError} when it is none.
 */
export function parseStep(text: string): number {
  const step = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(step)) return step;
  throw new UsageError(`Not a step: ${JSON.stringify(text)}`, {
    hint: "Steps are whole numbers from 0 on.",
  });
}

/**
 * A time as SwanLab's client takes it: ISO 8601, in local time where it names no zone, or unix time
 * in seconds or ms. Resolves to ms since epoch.
 * @throws {UsageError} when it is none.
 */
export function parseTime(text: string): number {
  const plain = text.trim();
  if (/^\d+(\.\d+)?$/.test(plain)) {
    const number = Number(plain);
    return number < leastMilliseconds ? number * 1000 : number;
  }
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(plain);
  const isIso = isDay || /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(plain);
  // A day alone would be read as one of Greenwich.
  const time = isIso ? Date.parse(isDay ? `${plain}T00:00` : plain.replace(" ", "T")) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`Not a time: ${JSON.stringify(text)}`, {
    hint: "Write it like 2026-11-23T08:00:00, with Z or +08:00 behind it where it is not local.",
  });
}
