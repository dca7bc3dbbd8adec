import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { isObject, type Json, setKey } from "../../../src/model/json.ts";
import { readItem } from "./key_items.ts";
import { readTime } from "./message.ts";
import type { RunEvents } from "./run_events.ts";

/**
 * Passes on a StatsRecord {2: timestamp, 3: items} under the names that it has: W&B's page puts
 * `system.` before them. Objects, such as `network` up to 0.13.4, are joined by dots.
 */
export function passStats(reader: ProtobufReader, events: RunEvents): void {
  const values: { [key: string]: number } = {};
  let time: number | undefined;
  while (reader.next()) {
    if (reader.field === 2) time = readTime(reader.message());
    else if (reader.field === 3) {
      const { path, value, bytes } = readItem(reader.message());
      const name = path.join(".");
      if (!addNumbers(values, name, value)) events.unknown(`stats ${name}`, bytes);
    } else reader.skip();
  }
  if (Object.keys(values).length === 0) return;
  const seq = events.next();
  events.add(
    time === undefined ? { type: "system", seq, values } : { type: "system", seq, time, values },
  );
}

/** Adds the numbers in a value; false when there is anything else in it. */
function addNumbers(
  values: { [key: string]: number },
  name: string,
  value: Json | undefined,
): boolean {
  if (typeof value === "number" || typeof value === "bigint") {
    setKey(values, name, Number(value));
    return true;
  }
  if (!isObject(value)) return false;
  return Object.entries(value)
    .map(([inner, property]) => addNumbers(values, `${name}.${inner}`, property))
    .every((added) => added);
}
