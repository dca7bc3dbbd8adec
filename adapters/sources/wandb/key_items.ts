import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { Json } from "../../../src/model/json.ts";

/** An item of a history, summary or config record. */
export interface KeyItem {
  /** Names from the outermost object inwards. */
  readonly path: readonly string[];
  /** Undefined when it has none, or one that is not JSON. */
  readonly value: Json | undefined;
  /** Size of its bytes. */
  readonly bytes: number;
}

/**
 * Reads one item field by field, whatever the order. The typed copy of a value, which wandb 0.31
 * writes when asked to, only counts where there is no `value_json`.
 * @throws {MalformedProtobuf} when the bytes are no item.
 */
export function readItem(reader: ProtobufReader): KeyItem {
  const bytes = reader.end - reader.position;
  const nested: string[] = [];
  let key = "";
  let text: string | undefined;
  let typed: Json | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        key = reader.string();
        break;
      case 2:
        nested.push(reader.string());
        break;
      case 16:
        text = reader.string();
        break;
      default: {
        const found = readTyped(reader);
        if (found !== undefined) typed = found;
      }
    }
  }
  const value = text === undefined || text === "" ? typed : parseValue(text);
  return { path: nested.length > 0 ? nested : [key], value, bytes };
}

function readTyped(reader: ProtobufReader): Json | undefined {
  switch (reader.field) {
    case 3:
      reader.skip();
      return null;
    case 4:
      return reader.bool();
    case 5:
      return readZigzag(reader);
    case 6:
      return reader.double();
    case 7:
      return reader.string();
    case 8:
      return parseValue(reader.string());
    default:
      reader.skip();
      return undefined;
  }
}

/** sint64: the sign is in the lowest bit. */
function readZigzag(reader: ProtobufReader): number | bigint {
  const raw = BigInt.asUintN(64, BigInt(reader.int()));
  const value = (raw >> 1n) ^ -(raw & 1n);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function parseValue(text: string): Json | undefined {
  try {
    return parseLosslessJson(text);
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}
