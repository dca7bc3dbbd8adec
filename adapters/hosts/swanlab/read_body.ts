import { Buffer } from "node:buffer";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { HostContext } from "./host_app.ts";
import { malformed, Refusal, tooLarge } from "./refusal.ts";

/** The fields of a JSON object, not looked at yet. */
export interface Fields {
  readonly [name: string]: unknown;
}

/**
 * The body of a request as bytes.
 * @throws {Refusal} when it is compressed, too long or cut off.
 */
async function readBytes(context: HostContext, most: number): Promise<Buffer> {
  const length = Number(context.env.incoming.headers["content-length"] ?? 0);
  if (length > most) throw tooLarge(`The body has ${length} bytes; ${most} is the most`);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of streamBody(context)) {
    bytes += piece.length;
    if (bytes > most) throw tooLarge(`The body has more than ${most} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * The body of a request, piece by piece.
 * @throws {Refusal} when it is compressed, or the connection ends before its end.
 */
export async function* streamBody(context: HostContext): AsyncGenerator<Uint8Array> {
  refuseCompressed(context);
  const { incoming } = context.env;
  try {
    yield* incoming as AsyncIterable<Uint8Array>;
  } catch (error) {
    // Nobody is there any more to hear of it; whoever reads must not take it for the end.
    throw incoming.complete ? error : malformed("The connection ended within the body");
  }
}

/** A small body may unpack to any size, so none is unpacked; no official client packs any. */
function refuseCompressed(context: HostContext): void {
  const encoding = context.env.incoming.headers["content-encoding"];
  if (encoding === undefined || encoding === "" || encoding === "identity") return;
  throw new Refusal(415, {
    code: "Unsupported_Media_Type",
    reason: "Unsupported Media Type",
    message: `Bodies are taken as they are, not in ${encoding}`,
  });
}

/** The JSON body of a request; undefined when it is empty. Numbers are doubles. */
export async function readJson(context: HostContext, most: number): Promise<unknown> {
  const body = await readBytes(context, most);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return readLossless(body);
  }
}

/** The JSON body of a request with integers of any size, NaN and the infinities. */
export async function readLosslessFields(context: HostContext, most: number): Promise<Fields> {
  const body = await readBytes(context, most);
  return asFields(body.length === 0 ? {} : readLossless(body));
}

function readLossless(body: Buffer): unknown {
  try {
    return parseLosslessJson(body.toString());
  } catch (error) {
    if (error instanceof MalformedJson) throw malformed(`The body is not JSON: ${error.message}`);
    throw error;
  }
}

/** The JSON object in the body of a request; empty when the body is. */
export async function readFields(context: HostContext, most: number): Promise<Fields> {
  return asFields(await readJson(context, most) ?? {});
}

/** @throws {Refusal} when a value is no JSON object. */
export function asFields(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed("A JSON object is expected");
}

/** @throws {Refusal} when a field is no list. */
export function listField(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (Array.isArray(value)) return value;
  throw malformed(`${name} is not a list`);
}

/** @throws {Refusal} when a field is no text, or an empty one. */
export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw malformed(`${name} is missing`);
}

/** A field that is a text; `otherwise` when it is anything else. */
export function optionalText(fields: Fields, name: string, otherwise: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : otherwise;
}

/** @throws {Refusal} when a field is no whole number from 0 on. */
export function countField(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(`${name} is not a number from 0 on`);
}

/** @throws {Refusal} when a field is no list of texts. */
export function textsField(fields: Fields, name: string): readonly string[] {
  return listField(fields, name).map((text) => {
    if (typeof text !== "string") throw malformed(`${name} holds something that is no text`);
    return text;
  });
}
