import type { Buffer } from "node:buffer";

/** The powers of ten that a double holds exactly: 10^0 … 10^22. */
const powers: readonly number[] = Array.from(
  { length: 23 },
  (_, exponent) => Number(`1e${exponent}`),
);
/** Whole numbers of so many digits are exact in a double. */
const exactDigits = 15;
/** Digits that each half of a longer number holds: 10^9 times the first half is exact. */
const halfDigits = 9;
/** Multiplying by it and back splits a double into halves whose products are exact. */
const splitter = 2 ** 27 + 1;
/** A bound on the relative error of two additions and a division, with room to spare. */
const doubt = 2 ** -50;
/** Integers with more digits are refused: reading them takes quadratic time. */
const longestInteger = 5000;

const zero = 0x30;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const exponentMark = 0x65;
const lowerCase = 0x20;

const token = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const integer = /^-?\d+$/;

/**
 * The number that the UTF-8 bytes from `start` up to `end` spell, all of them: a JSON number, NaN,
 * Infinity or -Infinity. Integers beyond ±(2^53 - 1) are bigint, everything else is the nearest
 * double. Undefined when they spell anything else, or an integer of thousands of digits.
 */
export function parseNumber(
  buffer: Buffer,
  start: number,
  end: number,
): number | bigint | undefined {
  const first = buffer[start] === minus ? start + 1 : start;
  let value = 0;
  let at = first;
  for (; at < end; at++) {
    const digit = (buffer[at] as number) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const digits = at - first;
  const whole = at === end && digits > 0 && digits <= exactDigits &&
    (digits === 1 || buffer[first] !== zero);
  if (whole) return first === start ? value : -value;
  const decimal = parseDecimal(buffer, first, end);
  if (decimal !== decimal) return parseSlowly(buffer, start, end);
  return first === start ? decimal : -decimal;
}

/** An unsigned number with a fraction or an exponent; NaN when it takes more than a few steps. */
function parseDecimal(buffer: Buffer, first: number, end: number): number {
  let high = 0;
  let low = 0;
  let digits = 0;
  let behind = -1;
  let at = first;
  for (; at < end; at++) {
    const digit = (buffer[at] as number) - zero;
    if (digit >= 0 && digit <= 9) {
      if (digits < halfDigits) high = high * 10 + digit;
      else low = low * 10 + digit;
      if (high !== 0) digits++;
    } else if (buffer[at] === point && behind < 0 && at > first) {
      behind = at + 1;
    } else break;
  }
  const fraction = behind < 0 ? 0 : at - behind;
  const exponent = at === end ? 0 : parseExponent(buffer, at, end);
  const malformed = behind === at || at === first ||
    (buffer[first] === zero && behind !== first + 2 && at !== first + 1);
  const isInteger = behind < 0 && at === end;
  if (malformed || isInteger || digits > 2 * halfDigits) return NaN;
  return scaled(high, low, digits, fraction - exponent);
}

/** The exponent from its mark on; NaN when it is malformed. */
function parseExponent(buffer: Buffer, mark: number, end: number): number {
  if (((buffer[mark] as number) | lowerCase) !== exponentMark) return NaN;
  const sign = buffer[mark + 1];
  const first = sign === minus || sign === plus ? mark + 2 : mark + 1;
  if (first >= end) return NaN;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = (buffer[at] as number) - zero;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return sign === minus ? -value : value;
}

/**
 * The double nearest to a number of up to 18 digits divided by 10^places; NaN when it cannot be told
 * cheaply. `high` has the first nine digits, `low` the others.
 */
function scaled(
  high: number,
  low: number,
  digits: number,
  places: number,
): number {
  const power = powers[Math.abs(places)];
  if (power === undefined) return NaN;
  if (digits <= halfDigits) return places < 0 ? high * power : high / power;
  const upper = high * (powers[digits - halfDigits] as number);
  const near = upper + low;
  if (digits <= exactDigits) return places < 0 ? near * power : near / power;
  return places < 0 ? NaN : divide(near, low - (near - upper), power);
}

/**
 * (near + rest) / power, where `rest` is what rounding took from `near`: the quotient, corrected by
 * its exact remainder. NaN when the correction is too close to the middle between two doubles.
 */
function divide(near: number, rest: number, power: number): number {
  const quotient = near / power;
  const product = quotient * power;
  const wide = splitter * quotient;
  const quotientHigh = wide - (wide - quotient);
  const quotientLow = quotient - quotientHigh;
  const wider = splitter * power;
  const powerHigh = wider - (wider - power);
  const powerLow = power - powerHigh;
  const lost = quotientLow * powerLow -
    (product - quotientHigh * powerHigh - quotientLow * powerHigh -
      quotientHigh * powerLow);
  const correction = (near - product - lost + rest) / power;
  const least = quotient + correction * (1 - doubt);
  const most = quotient + correction * (1 + doubt);
  return least === most ? least : NaN;
}

/**
 * The value of a well-formed JSON number token, by the rules of {@link parseNumber}; undefined when
 * it is an integer of thousands of digits.
 */
export function numberOf(text: string): number | bigint | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value) || !integer.test(text)) return value;
  return text.length > longestInteger ? undefined : BigInt(text);
}

function parseSlowly(
  buffer: Buffer,
  start: number,
  end: number,
): number | bigint | undefined {
  const text = buffer.toString("latin1", start, end);
  if (token.test(text)) return numberOf(text);
  if (text === "NaN") return NaN;
  if (text === "Infinity") return Infinity;
  return text === "-Infinity" ? -Infinity : undefined;
}
