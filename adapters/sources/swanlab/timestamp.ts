/** Date, time, fraction and offset, as Python's `isoformat` writes them. */
const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * The time that a text like "2025-08-01T00:00:01.5+00:00" names, in ms since epoch with fraction.
 * Without an offset it is UTC (seen up to swanlab 0.3.4). Undefined when it names none.
 */
export function parseTime(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  const parts = iso.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", offset] = parts;
  const seconds = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const micros = Number(fraction.padEnd(9, "0")) / 1e6;
  return seconds - offsetMilliseconds(offset) + micros;
}

function offsetMilliseconds(offset: string | undefined): number {
  if (offset === undefined || offset === "Z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  const milliseconds = (hours * 60 + minutes) * 60_000;
  return offset[0] === "-" ? -milliseconds : milliseconds;
}

/** A time as an event's property, or none. */
export function withTime(time: number | undefined): { time?: number } {
  return time === undefined ? {} : { time };
}
