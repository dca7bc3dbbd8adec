import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { isObject, type Json, setKey } from "../../../src/model/json.ts";
import { parsed } from "./json_item.ts";
import { readTimestamp } from "./timestamp.ts";

/** A sample of the system, from a StatsRecord. */
export interface Stats {
  /** ms since epoch. */
  readonly time?: number;
  readonly values: { readonly [key: string]: number };
  /** Names of items that are no number. */
  readonly malformed: readonly string[];
}

/** Reads a StatsRecord. Clients up to 0.13.4 give `network` as an object, later ones dotted. */
export function readStats(message: ProtobufReader): Stats {
  const values: { [key: string]: number } = {};
  const malformed: string[] = [];
  let time: number | undefined;
  while (message.next()) {
    if (message.field === 2) time = readTimestamp(message.message());
    else if (message.field === 3) {
      const [key, value] = readStatsItem(message.message());
      if (!collect(values, key, value)) malformed.push(key);
    } else message.skip();
  }
  return { ...(time === undefined ? {} : { time }), values, malformed };
}

function readStatsItem(message: ProtobufReader): readonly [string, Json | undefined] {
  let key = "";
  let value: Json | undefined;
  while (message.next()) {
    if (message.field === 1) key = message.string();
    else if (message.field === 16) value = parsed(message.string());
    else message.skip();
  }
  return [key, value];
}

function collect(values: { [key: string]: number }, key: string, value: Json | undefined): boolean {
  if (isObject(value)) {
    return Object.entries(value).every(([name, part]) => collect(values, `${key}.${name}`, part));
  }
  if (typeof value !== "number" && typeof value !== "bigint") return false;
  setKey(values, key, Number(value));
  return true;
}
