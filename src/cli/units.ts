import { UsageError } from "../errors.ts";

const decimal = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes for people, in powers of 1000: "12.3 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < decimal.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${decimal[unit] ?? "B"}`;
}

/** A count with commas between the thousands: "1,234,567". */
export function formatCount(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A count and its noun: "1 run", "1,200 runs". */
export function formatMany(count: number | bigint, noun: string): string {
  return `${formatCount(count)} ${noun}${count == 1 ? "" : "s"}`;
}

/** Seconds for people: "1.2 s", "3 min 20 s", "2 h 05 min", "3 d 4 h". */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  if (hours < 24) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Milliseconds since epoch as "2026-11-23 08:11:35 UTC". */
export function formatTime(time: number): string {
  if (!(Math.abs(time) <= 8.64e15)) return String(time);
  return new Date(time).toISOString().replace("T", " ").replace(
    /\.\d+Z$/,
    " UTC",
  );
}

const factors: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["k", 1e3],
  ["kb", 1e3],
  ["m", 1e6],
  ["mb", 1e6],
  ["g", 1e9],
  ["gb", 1e9],
  ["t", 1e12],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

/**
 * A size as users write it ("10MB", "1.5 GiB", "4096") in bytes. kB, MB … are powers of 1000,
 * KiB, MiB … powers of 1024.
 * @throws {UsageError} when it is none.
 */
export function parseBytes(text: string): number {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const factor = factors.get((parts?.[2] ?? "?").toLowerCase());
  if (factor === undefined) {
    throw new UsageError(`Not a size: ${JSON.stringify(text)}`, {
      hint: "Give a number and a unit, such as 500kB, 10MB or 1.5GiB.",
    });
  }
  return Math.round(Number(parts?.[1]) * factor);
}

/**
 * A whole number of at least 1, as users write it.
 * @throws {UsageError} when it is none.
 */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(`Not a whole number: ${JSON.stringify(text)}`, {
      hint: "Give a whole number of at least 1.",
    });
  }
  return Number(text);
}
