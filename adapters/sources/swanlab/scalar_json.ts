import { Buffer } from "node:buffer";
import { parseNumber } from "../../../src/codec/number_token.ts";
import type { EventBatch } from "./event_batch.ts";
import type { KeyTable } from "./key_table.ts";
import { parseTime } from "./timestamp.ts";

/** What stands between the values of a scalar, byte for byte. */
const text = {
  head: Buffer.from('{"model_type": "Scalar", "data": {"metric": {"index": '),
  data: Buffer.from(', "data": '),
  time: Buffer.from(', "create_time": "'),
  utc: Buffer.from('+00:00"}, "key": "'),
  step: Buffer.from('", "step": '),
  epoch: Buffer.from(', "epoch": '),
  end: Buffer.from("}}"),
  nan: Buffer.from('"NaN"'),
  infinite: Buffer.from('"INF"'),
} as const;

const zero = 0x30;
const nine = 0x39;
const comma = 0x2c;
const point = 0x2e;
const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const newline = 0x0a;
/** Whole numbers with so many digits are exact. */
const exactDigits = 15;
/** Length of "2025-08-01T00:00:", the part of a time that is read once a minute. */
const minuteBytes = 17;
/** Length of a time without fraction, and with one: "2025-08-01T00:00:01.123456". */
const secondsBytes = 19;
const microsBytes = 26;

/**
 * The hot path of JSON logs. Nearly every record is a scalar, and every client from swanlab 0.6.2
 * to 0.7.20 spells it in one way, so it is read from its bytes without making a string or an object
 * of it. Anything else, an escaped key for one, is left to the general decoder.
 */
export class ScalarJson {
  readonly #keys: KeyTable;
  readonly #batch: EventBatch;
  /** The minute read last, as text and in ms since epoch. */
  readonly #minute: Buffer = Buffer.alloc(minuteBytes);
  #minuteTime = 0;

  constructor(keys: KeyTable, batch: EventBatch) {
    this.#keys = keys;
    this.#batch = batch;
  }

  /** Takes a record in if it is a scalar as usual; false leaves everything as it was. */
  take(payload: Buffer): boolean {
    if (!matches(payload, 0, text.head)) return false;
    const index = text.head.length;
    const indexEnd = digitsEnd(payload, index);
    if (!matches(payload, indexEnd, text.data)) return false;
    const value = indexEnd + text.data.length;
    const valueEnd = commaAfter(payload, value);
    if (!matches(payload, valueEnd, text.time)) return false;
    const time = valueEnd + text.time.length;
    const hasMicros = payload[time + secondsBytes] === point;
    const timeEnd = time + (hasMicros ? microsBytes : secondsBytes);
    if (!matches(payload, timeEnd, text.utc)) return false;
    const key = timeEnd + text.utc.length;
    const keyEnd = stringEnd(payload, key);
    if (!matches(payload, keyEnd, text.step)) return false;
    const step = keyEnd + text.step.length;
    const stepEnd = digitsEnd(payload, step);
    if (!matches(payload, stepEnd, text.epoch)) return false;
    const epoch = stepEnd + text.epoch.length;
    const epochEnd = digitsEnd(payload, epoch);
    if (!matches(payload, epochEnd, text.end)) return false;
    const end = epochEnd + text.end.length;
    const last = payload[end] === newline ? end + 1 : end;
    if (last !== payload.length) return false;

    const number = valueOf(payload, value, valueEnd);
    const at = this.#time(payload, time, hasMicros);
    const wholeStep = integer(payload, step, stepEnd);
    if (number === undefined || !(at >= 0) || !(wholeStep >= 0)) return false;
    if (index === indexEnd || epoch === epochEnd) return false;
    const found = this.#keys.find(payload, key, keyEnd);
    this.#batch.point(found, wholeStep, at, number);
    return true;
  }

  /** A time up to its offset, in ms since epoch; NaN when it is none. */
  #time(payload: Buffer, start: number, hasMicros: boolean): number {
    const seconds = start + minuteBytes;
    if (!matches(payload, start, this.#minute)) {
      const text = payload.toString("latin1", start, seconds);
      const time = parseTime(`${text}00`);
      if (time === undefined) return NaN;
      this.#minuteTime = time;
      payload.copy(this.#minute, 0, start, seconds);
    }
    const whole = integer(payload, seconds, start + secondsBytes);
    if (!hasMicros) return this.#minuteTime + whole * 1000;
    const fraction = start + secondsBytes + 1;
    const micros = integer(payload, fraction, start + microsBytes);
    return this.#minuteTime + whole * 1000 + micros / 1000;
  }
}

/** Whether the bytes at `at` are these. */
function matches(payload: Buffer, at: number, expected: Buffer): boolean {
  const length = expected.length;
  for (let offset = 0; offset < length; offset++) {
    if (payload[at + offset] !== expected[offset]) return false;
  }
  return true;
}

/** Offset of the first byte from `at` on that is no digit. */
function digitsEnd(payload: Buffer, at: number): number {
  let end = at;
  while (isDigit(payload[end] as number)) end++;
  return end;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

/** Offset of the first comma from `at` on, or of the end. */
function commaAfter(payload: Buffer, at: number): number {
  const length = payload.length;
  let end = at;
  while (end < length && payload[end] !== comma) end++;
  return end;
}

/** Offset of the quote that ends a string, or of an escape or what may not stand in one. */
function stringEnd(payload: Buffer, at: number): number {
  for (let end = at;; end++) {
    const byte = payload[end] as number;
    if (byte === quote || byte === backslash || !(byte >= space)) return end;
  }
}

/** The whole number of few digits that stands there; NaN when there is something else. */
function integer(payload: Buffer, start: number, end: number): number {
  if (start === end || end - start > exactDigits) return NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = payload[at] as number;
    if (!isDigit(byte)) return NaN;
    value = value * 10 + (byte - zero);
  }
  return value;
}

/** A number, or one of the client's two words for what is none; undefined for anything else. */
function valueOf(
  payload: Buffer,
  start: number,
  end: number,
): number | bigint | undefined {
  if (payload[start] !== quote) return parseNumber(payload, start, end);
  if (end - start !== text.nan.length) return undefined;
  if (matches(payload, start, text.nan)) return NaN;
  return matches(payload, start, text.infinite) ? Infinity : undefined;
}
