import { MalformedJson, parseLosslessJson } from "../../../../src/codec/lossless_json.ts";
import type { Json } from "../../../../src/model/json.ts";

/** The JSON in a file; undefined when it holds none. */
export function readJson(bytes: Uint8Array): Json | undefined {
  try {
    return parseLosslessJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof MalformedJson || error instanceof TypeError) return undefined;
    throw error;
  }
}
