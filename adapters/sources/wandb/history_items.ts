/**
 * The hot path of the source. Most of a log is history rows whose values are numbers, and there may
 * be a hundred million of them, so such rows are read in place: no object is made per item, keys are
 * known by their bytes, numbers are parsed from bytes, and values wait in their keys until the row's
 * object is filled in one go. A row with anything else in it, such as a media value, is left to
 * `slow_row.ts`, which takes the slow and general way.
 */

import type { Buffer } from "node:buffer";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { parseNumber } from "../../../src/codec/number_token.ts";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { HistoryValue } from "../../../src/model/event.ts";
import type { Integer, Json } from "../../../src/model/json.ts";
import { HistoryKey } from "./history_key.ts";
import type { HistoryRow } from "./history_row.ts";
import { KeyTable } from "./key_table.ts";
import { RowShapes, valuesOf } from "./row_shape.ts";

const itemTag = 0x0a;
const stepTag = 0x12;
const zero = 0x30;
const nine = 0x39;
const minus = 0x2d;
const openBrace = 0x7b;
const openBracket = 0x5b;
/** N of NaN and I of Infinity. */
const words = { nan: 0x4e, infinity: 0x49 } as const;

/** Reads history records that are made of plain values. */
export class HistoryItems {
  readonly #keys: KeyTable<HistoryKey>;
  readonly #shapes = new RowShapes();
  readonly #present: HistoryKey[] = [];
  #count = 0;
  #signature = 0;
  #row = 0;

  constructor() {
    let seed = 0;
    this.#keys = new KeyTable((path) => {
      seed = (seed + 0x9e3779b1) | 0;
      return new HistoryKey(path, Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d));
    });
  }

  /**
   * Reads the history record between `start` and `end` into `row`; false when it is not made of
   * plain values, and `row` is only half filled.
   * @throws {MalformedProtobuf} when the bytes are no such record.
   */
  read(row: HistoryRow, buffer: Buffer, start: number, end: number): boolean {
    row.clear();
    this.#row++;
    this.#count = 0;
    this.#signature = 0;
    let at = start;
    while (at < end) {
      const tag = buffer[at] as number;
      if (tag !== itemTag && tag !== stepTag) {
        at = skipField(buffer, at, end);
        continue;
      }
      let length = buffer[++at] as number;
      if (length < 0x80) at++;
      else {
        const reader = new ProtobufReader(buffer, at - 1, end);
        reader.next();
        length = reader.open() - reader.position;
        at = reader.position;
      }
      const stop = at + length;
      if (!(stop <= end)) throw new MalformedProtobuf("length past the end");
      if (tag === stepTag) row.recordStep = readStep(buffer, at, stop);
      else if (!this.#item(row, buffer, at, stop)) return false;
      at = stop;
    }
    const shape = this.#shapes.find(this.#present, this.#count, this.#signature, this.#row);
    if (shape.ambiguous) return false;
    row.values = valuesOf(shape);
    return true;
  }

  /** Takes in one item; false when its value is not plain. */
  #item(row: HistoryRow, buffer: Buffer, start: number, end: number): boolean {
    const key = this.#keys.read(buffer, start, end);
    if (key === undefined) return false;
    const value = readPlain(buffer, this.#keys.valueStart, end);
    if (value === undefined) return false;
    switch (key.role) {
      case "value":
        break;
      case "type":
        return false;
      default:
        if (row.reserve(key.role, value as Json)) return true;
    }
    key.value = value;
    if (key.row === this.#row) return true;
    key.row = this.#row;
    this.#signature = (this.#signature + key.id) | 0;
    this.#present[this.#count++] = key;
    return true;
  }
}

/** A number, text, boolean, null or array without objects; undefined for anything else. */
function readPlain(buffer: Buffer, start: number, end: number): HistoryValue | undefined {
  const first = buffer[start] as number;
  const isNumber = (first >= zero && first <= nine) || first === minus ||
    first === words.nan || first === words.infinity;
  if (isNumber) return parseNumber(buffer, start, end);
  if (first === openBrace || start === end) return undefined;
  const text = buffer.toString("utf8", start, end);
  if (first === openBracket && text.includes('"_type"')) return undefined;
  try {
    return parseLosslessJson(text) as HistoryValue;
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}

/** Reads the step of a record, {1: int64}. */
export function readStep(buffer: Buffer, start: number, end: number): Integer {
  const small = buffer[start + 1] as number;
  if (end - start === 2 && buffer[start] === 0x08 && small < 0x80) return small;
  const reader = new ProtobufReader(buffer, start, end);
  let step: Integer = 0;
  while (reader.next()) {
    if (reader.field === 1) step = reader.int();
    else reader.skip();
  }
  return step;
}

function skipField(buffer: Buffer, start: number, end: number): number {
  const reader = new ProtobufReader(buffer, start, end);
  if (reader.next()) reader.skip();
  return reader.position;
}
