/** The last date that was read, since neighbours mostly share it. */
let knownDate = "";
let knownDay = 0;

/**
 * ms since epoch of an ISO 8601 time, with all the digits of its fraction; NaN for any other text.
 * Without an offset it is UTC.
 */
export function parseIsoTime(text: string): number {
  // "2026-05-06T07:08:09.123456Z": seen in every official client, so it goes without Date.parse.
  const end = text.charCodeAt(text.length - 1) === 0x5a ? text.length - 1 : zoneStart(text);
  if (end < 19 || text.charCodeAt(10) !== 0x54) return slowTime(text);
  const date = text.slice(0, 10);
  if (date !== knownDate) {
    const day = Date.parse(date);
    if (Number.isNaN(day)) return NaN;
    knownDate = date;
    knownDay = day;
  }
  const seconds = 3600 * two(text, 11) + 60 * two(text, 14) + two(text, 17);
  const time = knownDay + 1000 * seconds + fraction(text, 19, end);
  return Number.isNaN(time) ? slowTime(text) : time;
}

/** Where "+00:00" begins; 0 when the text does not end in it. */
function zoneStart(text: string): number {
  return text.endsWith("+00:00") ? text.length - 6 : 0;
}

/** Two digits at a place; NaN when they are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : NaN;
}

/** ms of ".123456"; NaN when something else stands there. */
function fraction(text: string, start: number, end: number): number {
  if (start === end) return 0;
  if (text.charCodeAt(start) !== 0x2e || end - start > 10) return NaN;
  let digits = 0;
  for (let at = start + 1; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    digits = 10 * digits + digit;
  }
  return digits * 1000 / 10 ** (end - start - 1);
}

function slowTime(text: string): number {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  return Date.parse(zoned ? text : `${text}Z`);
}

/** A time as official servers write it: with ms and `Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
