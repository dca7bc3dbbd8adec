import type { HistoryEvent, RunEvent } from "../model/event.ts";
import { setKey } from "../model/json.ts";
import { isEvent } from "./event_shape.ts";
import {
  type Decoded,
  type DecodedMap,
  decodeMsgpack,
  MalformedMsgpack,
} from "./msgpack_decoder.ts";

/** More events than any writer puts into a chunk: what claims more is not one. */
const mostEvents = 1 << 20;

/**
 * Reads the events of a chunk, in order; see FORMAT.md.
 * @throws {MalformedMsgpack} when the bytes are not a chunk.
 */
export function decodeChunk(bytes: Uint8Array): readonly RunEvent[] {
  const chunk = decodeMsgpack(bytes);
  if (!isMap(chunk)) throw wrong("no map");
  const { first, count, tables, events } = chunk;
  if (!isCount(first) || !isCount(count) || count > mostEvents) {
    throw wrong("no number of events");
  }
  if (!Array.isArray(tables) || !Array.isArray(events)) {
    throw wrong("no tables or no events");
  }
  const found = new Array<RunEvent | undefined>(count).fill(undefined);
  for (const event of events) {
    if (!isEvent(event)) throw wrong("something that is not an event");
    place(found, event.seq - first, event);
  }
  for (const table of tables) addRows(found, first, table);
  if (found.includes(undefined)) throw wrong("an event missing");
  return found as RunEvent[];
}

function addRows(
  found: (RunEvent | undefined)[],
  first: number,
  table: Decoded,
): void {
  if (!isMap(table) || !Array.isArray(table["keys"])) throw wrong("no keys");
  const keys: readonly Decoded[] = table["keys"];
  if (!keys.every((key) => typeof key === "string")) throw wrong("bad keys");
  const places = new Uint32Array(memory(table["places"], 4));
  const steps = new Float64Array(memory(table["steps"], 8));
  const times = new Float64Array(memory(table["times"], 8));
  const cells = new Float64Array(memory(table["values"], 8));
  const rows = places.length;
  if (
    steps.length !== rows || times.length !== rows ||
    cells.length !== rows * keys.length
  ) throw wrong("columns of different length");
  const special = keys.includes("__proto__");
  for (let row = 0; row < rows; row++) {
    const values: { [key: string]: number } = {};
    for (let column = 0; column < keys.length; column++) {
      const value = cells[column * rows + row] as number;
      if (special) setKey(values, keys[column] as string, value);
      else values[keys[column] as string] = value;
    }
    const at = places[row] as number;
    const time = times[row] as number;
    const step = steps[row] as number;
    place(found, at, rowEvent(first + at, time, step, values));
  }
}

function rowEvent(
  seq: number,
  time: number,
  step: number,
  values: HistoryEvent["values"],
): HistoryEvent {
  return time === time
    ? { type: "history", seq, time, step, values }
    : { type: "history", seq, step, values };
}

function place(
  found: (RunEvent | undefined)[],
  at: number,
  event: RunEvent,
): void {
  if (at < 0 || at >= found.length || found[at] !== undefined) {
    throw wrong("two events in one place");
  }
  found[at] = event;
}

/** A byte string as memory of its own, aligned. */
function memory(value: Decoded | undefined, width: number): ArrayBuffer {
  if (!(value instanceof Uint8Array) || value.length % width !== 0) {
    throw wrong("no column");
  }
  return new Uint8Array(value).buffer;
}

function isMap(value: Decoded | undefined): value is DecodedMap {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isCount(value: Decoded | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function wrong(what: string): MalformedMsgpack {
  return new MalformedMsgpack(`a chunk with ${what}`);
}
