import type { Buffer } from "node:buffer";
import type { EventBatch } from "./event_batch.ts";
import type { KeyTable } from "./key_table.ts";
import type { NumberSet } from "./number_set.ts";

/** Tag bytes in the order in which every client writes them. */
const tag = {
  num: 0x08,
  created: 0x12,
  scalar: 0x6a,
  key: 0x0a,
  step: 0x10,
  type: 0x18,
  time: 0x22,
  value: 0x2a,
  seconds: 0x08,
  nanos: 0x10,
  number: 0x09,
} as const;

/** The column type of numbers, the only one a scalar has. */
const scalarType = 1;
/** What {@link varint} says of one that it does not read. */
const unusual = -1;

/**
 * The hot path of protobuf logs. Nearly every record is a scalar whose fields stand in one order
 * (swanlab 0.8.0rc3 to 0.10.3), so they are read in place, without a reader object, a string or a
 * copy per record. Anything else is left to the general decoder, which reads the same records too.
 *
 * The cursor is a local variable and varints are spelled out byte by byte: with the cursor in a
 * field, and a loop per varint, decoding took four times as long.
 */
export class ScalarRecords {
  readonly #keys: KeyTable;
  readonly #numbers: NumberSet;
  readonly #batch: EventBatch;

  /** `numbers` are those of the records that were taken so far, by either path. */
  constructor(keys: KeyTable, numbers: NumberSet, batch: EventBatch) {
    this.#keys = keys;
    this.#numbers = numbers;
    this.#batch = batch;
  }

  /** Takes a record in if it is a scalar in the usual order; false leaves everything as it was. */
  take(payload: Buffer): boolean {
    const end = payload.length;
    if (payload[0] !== tag.num) return false;
    const number = varint(payload, 1);
    let at = 1 + varintBytes(number);
    if (number <= 0 || payload[at] !== tag.created) return false;
    at += 2 + shortLength(payload, at + 1);
    if (payload[at] !== tag.scalar) return false;
    const bytes = varint(payload, at + 1);
    at += 1 + varintBytes(bytes);
    if (bytes !== end - at || payload[at] !== tag.key) return false;

    const keyBytes = varint(payload, at + 1);
    const keyStart = at + 1 + varintBytes(keyBytes);
    const keyEnd = keyStart + keyBytes;
    at = keyEnd;
    let step = 0;
    if (payload[at] === tag.step) {
      step = varint(payload, at + 1);
      at += 1 + varintBytes(step);
    }
    if (payload[at] !== tag.type || payload[at + 1] !== scalarType) return false;
    at += 2;
    if (payload[at] !== tag.time) return false;
    const timeEnd = at + 2 + shortLength(payload, at + 1);
    const time = timestamp(payload, at + 2, timeEnd);
    if (payload[timeEnd] !== tag.value || !(time >= 0)) return false;

    const value = timeEnd + 2;
    if (value + shortLength(payload, timeEnd + 1) !== end) return false;
    const isZero = value === end;
    if (!isZero && (value + 9 !== end || payload[value] !== tag.number)) {
      return false;
    }
    if (keyBytes < 0 || step < 0) return false;
    if (!this.#numbers.add(number)) return true;
    const key = this.#keys.find(payload, keyStart, keyEnd);
    const double = isZero ? 0 : readDouble(payload, value + 1);
    this.#batch.point(key, step, time, double);
    return true;
  }
}

/** The varint at `at` if it has at most five bytes (below 2^35); else {@link unusual}. */
function varint(payload: Buffer, at: number): number {
  const first = payload[at] as number;
  if (first < 0x80) return first;
  const second = payload[at + 1] as number;
  const two = (first & 0x7f) | ((second & 0x7f) << 7);
  if (second < 0x80) return two;
  const third = payload[at + 2] as number;
  const three = two | ((third & 0x7f) << 14);
  if (third < 0x80) return three;
  const fourth = payload[at + 3] as number;
  const four = three | ((fourth & 0x7f) << 21);
  if (fourth < 0x80) return four;
  const fifth = payload[at + 4] as number;
  return fifth < 0x80 ? four + fifth * 0x10000000 : unusual;
}

/**
 * How many bytes a varint of this value takes when it is spelled as short as can be. Behind one
 * that is spelled longer stands no tag that we look for, so that it is noticed.
 */
function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** A length of one byte; NaN when it takes more. */
function shortLength(payload: Buffer, at: number): number {
  const length = payload[at] as number;
  return length < 0x80 ? length : NaN;
}

/** The timestamp from `start` to `end` in ms since epoch; negative when it is not as usual. */
function timestamp(payload: Buffer, start: number, end: number): number {
  if (payload[start] !== tag.seconds) return unusual;
  const seconds = varint(payload, start + 1);
  const at = start + 1 + varintBytes(seconds);
  if (at === end) return seconds * 1000;
  if (payload[at] !== tag.nanos) return unusual;
  const nanos = varint(payload, at + 1);
  if (at + 1 + varintBytes(nanos) !== end || nanos < 0) return unusual;
  return seconds * 1000 + nanos / 1e6;
}

const doubles = new Float64Array(1);
const halves = new Uint32Array(doubles.buffer);

function readDouble(payload: Buffer, at: number): number {
  halves[0] = word(payload, at);
  halves[1] = word(payload, at + 4);
  return doubles[0] as number;
}

/** Four bytes, little endian. */
function word(payload: Buffer, at: number): number {
  return (payload[at] as number) | ((payload[at + 1] as number) << 8) |
    ((payload[at + 2] as number) << 16) | ((payload[at + 3] as number) << 24);
}
