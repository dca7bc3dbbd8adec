import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { systemCode } from "../../../src/errors.ts";
import type { Json } from "../../../src/model/json.ts";
import { statusOf } from "../../../src/files/status_of.ts";

/**
 * The entries in the file that clients from 0.17.6 on write in place of a very long manifest: gzip,
 * one JSON object a line. Undefined when it is not there or not whole.
 */
export async function manifestLines(path: string): Promise<readonly Json[] | undefined> {
  if (statusOf(path)?.isFile() !== true) return undefined;
  const entries: Json[] = [];
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      (source: AsyncIterable<Uint8Array>) => readLines(source, entries),
    );
  } catch (error) {
    if (!(error instanceof MalformedJson) && systemCode(error) === undefined) throw error;
    return undefined;
  }
  return entries;
}

async function readLines(source: AsyncIterable<Uint8Array>, entries: Json[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of source) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") entries.push(parseLosslessJson(line));
  }
  if (rest !== "") entries.push(parseLosslessJson(rest));
}
