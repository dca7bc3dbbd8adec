import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { Json } from "../../../src/model/json.ts";

/**
 * One assignment of a config, summary or history record: ConfigItem, SummaryItem and HistoryItem
 * share their fields. History items may have a typed value beside the JSON text (wandb 0.31.0 and
 * later); it counts where there is no text.
 */
export interface JsonItem {
  /** `nested_key`, or `key` alone. */
  readonly path: readonly string[];
  /** Absent in removals, and when the value is no JSON or the path is longer than any real one. */
  readonly value?: Json;
  /** Whether the value was written as a whole number, as steps are: 5, but not 5.0. */
  readonly isWhole?: true;
}

/** Longer paths come from no client; JSON is not read deeper either. */
const longestPath = 1000;
const wholeNumber = /^[+-]?\d+$/;

/** Reads an item message. */
export function readJsonItem(message: ProtobufReader): JsonItem {
  let key = "";
  const nested: string[] = [];
  let text: string | undefined;
  let typed: Json | undefined;
  let isWhole = false;
  while (message.next()) {
    const { field } = message;
    if (field === 1) key = message.string();
    else if (field === 2) nested.push(message.string());
    else if (field === 16) text = message.string();
    else if (field >= 3 && field <= 8) {
      typed = readTyped(message);
      isWhole = field === 5;
    } else message.skip();
  }
  if (nested.length > longestPath) return { path: [`${nested.slice(0, 8).join(".")}…`] };
  const path = nested.length > 0 ? nested : [key];
  const value = text === undefined ? typed : parsed(text);
  if (value === undefined) return { path };
  if (text !== undefined) isWhole = text.length <= 20 && wholeNumber.test(text);
  return isWhole ? { path, value, isWhole } : { path, value };
}

/** The oneof of HistoryItem: none, boolean, integer (zigzag), number, text, json. */
function readTyped(message: ProtobufReader): Json | undefined {
  switch (message.field) {
    case 3:
      message.skip();
      return null;
    case 4:
      return message.bool();
    case 5:
      return unzigzagged(message.int());
    case 6:
      return message.double();
    case 7:
      return message.string();
    default:
      return parsed(message.string());
  }
}

function unzigzagged(value: number | bigint): number | bigint {
  const bits = BigInt.asUintN(64, BigInt(value));
  const signed = (bits >> 1n) ^ -(bits & 1n);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
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
