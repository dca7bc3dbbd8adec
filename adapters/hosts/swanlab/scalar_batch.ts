import { Buffer } from "node:buffer";
import { parseIsoTime } from "./iso_time.ts";
import { malformed } from "./refusal.ts";

/** Points in columns: those of one request. */
export interface ScalarBatch {
  readonly keys: readonly string[];
  /** Of each point, the place of its key in `keys`. */
  readonly places: Uint32Array;
  readonly steps: Float64Array;
  /** ms since epoch. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Words that clients send where JSON has no number, in lower case. */
const words: { readonly [word: string]: number } = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
  "+inf": Infinity,
  "-inf": -Infinity,
  "-infinity": -Infinity,
};

/** One item as clients send it (swanlab-api §4.2), not looked at yet. */
interface Item {
  readonly key?: unknown;
  readonly index?: unknown;
  readonly data?: unknown;
  readonly create_time?: unknown;
}

/**
 * Reads the items of a request. `now` in ms since epoch stands in for a missing time.
 * @throws {Refusal} when one of them is not a point; none is taken then.
 */
export function parseScalars(items: readonly unknown[], now: number): ScalarBatch {
  const count = items.length;
  const keys: string[] = [];
  const placeOf = new Map<string, number>();
  const places = new Uint32Array(count);
  const steps = new Float64Array(count);
  const times = new Float64Array(count);
  const values = new Float64Array(count);
  let lastTime: unknown;
  let time = now;
  for (let at = 0; at < count; at++) {
    const item = items[at] as Item | null;
    if (typeof item !== "object" || item === null) throw malformed(`metrics[${at}] is no object`);
    const { key, index, data, create_time: created } = item;
    if (typeof key !== "string" || key === "") throw malformed(`metrics[${at}] has no key`);
    let place = placeOf.get(key);
    if (place === undefined) {
      place = keys.length;
      placeOf.set(key, place);
      keys.push(key);
    }
    if (created !== lastTime) {
      time = created === undefined ? now : timeOf(created, at);
      lastTime = created;
    }
    places[at] = place;
    steps[at] = stepOf(index, at);
    times[at] = time;
    values[at] = typeof data === "number" ? data : wordOf(data, at);
  }
  return { keys, places, steps, times, values };
}

/** @throws {Refusal} when it is not a whole number from 0 on. */
export function stepOf(index: unknown, at: number): number {
  if (typeof index === "number" && index >= 0 && Number.isInteger(index) && index < 2 ** 63) {
    return index;
  }
  throw malformed(`metrics[${at}].index is not a step: ${JSON.stringify(index)}`);
}

/** @throws {Refusal} when it is not an ISO 8601 time. */
export function timeOf(created: unknown, at: number): number {
  const time = typeof created === "string" ? parseIsoTime(created) : NaN;
  if (Number.isNaN(time)) {
    throw malformed(`metrics[${at}].create_time is not a time: ${JSON.stringify(created)}`);
  }
  return time;
}

function wordOf(data: unknown, at: number): number {
  if (typeof data === "boolean") return Number(data);
  if (typeof data === "string") {
    const word = words[data.toLowerCase()];
    if (word !== undefined) return word;
    if (data.trim() !== "" && !Number.isNaN(Number(data))) return Number(data);
  }
  throw malformed(`metrics[${at}].data is not a number: ${JSON.stringify(data)}`);
}

/** Bytes before the columns: how many points, how long the keys are. */
const headBytes = 8;

/** The batch as a frame: columns of doubles, places of keys, then the keys as JSON. */
export function encodeScalars({ keys, places, steps, times, values }: ScalarBatch): Uint8Array {
  const names = Buffer.from(JSON.stringify(keys));
  const count = places.length;
  const bytes = new Uint8Array(headBytes + 28 * count + names.length);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, count, true);
  head.setUint32(4, names.length, true);
  let at = headBytes;
  for (const column of [steps, times, values, places]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  bytes.set(names, at);
  return bytes;
}

/** Reads what {@link encodeScalars} wrote. */
export function decodeScalars(payload: Uint8Array): ScalarBatch {
  // Columns of doubles want to begin at a multiple of 8, where a frame seldom does.
  const bytes = new Uint8Array(payload);
  const head = new DataView(bytes.buffer);
  const count = head.getUint32(0, true);
  const names = headBytes + 28 * count;
  const text = Buffer.from(bytes.buffer, names, head.getUint32(4, true)).toString();
  return {
    keys: JSON.parse(text) as string[],
    steps: new Float64Array(bytes.buffer, headBytes, count),
    times: new Float64Array(bytes.buffer, headBytes + 8 * count, count),
    values: new Float64Array(bytes.buffer, headBytes + 16 * count, count),
    places: new Uint32Array(bytes.buffer, headBytes + 24 * count, count),
  };
}
