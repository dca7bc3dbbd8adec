import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { Json } from "../../../src/model/json.ts";

/**
 * One assignment of a config, summary or history record: ConfigItem, SummaryItem and HistoryItem
 * have the same three fields in every version.
 */
export interface JsonItem {
  /** `nested_key`, or `key` alone. */
  readonly path: readonly string[];
  /** Absent in removals, and when the value is no JSON. */
  readonly value?: Json;
}

/** Reads an item message. */
export function readJsonItem(message: ProtobufReader): JsonItem {
  let key = "";
  const nested: string[] = [];
  let text: string | undefined;
  while (message.next()) {
    if (message.field === 1) key = message.string();
    else if (message.field === 2) nested.push(message.string());
    else if (message.field === 16) text = message.string();
    else message.skip();
  }
  const path = nested.length > 0 ? nested : [key];
  const value = text === undefined ? undefined : parsed(text);
  return value === undefined ? { path } : { path, value };
}

/** The value of a JSON text, undefined when it is none. */
export function parsed(text: string): Json | undefined {
  try {
    return parseLosslessJson(text);
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}
