import { ProtobufReader, wire } from "../../../src/codec/protobuf.ts";
import { isObject, type Json, type MutableJsonObject, setKey } from "../../../src/model/json.ts";

/** How a field of a message becomes a property. */
interface Field {
  readonly name: string;
  /** `plain` goes by the wire type: an integer, a double or a text. */
  readonly type: "plain" | "bool" | "time" | "date" | "flags" | "ignored" | Message;
  readonly many?: "list" | "map";
}

/** The fields of a message by number; a name alone stands for a plain field. */
export interface Message {
  readonly [number: number]: Field | string;
}

/** A bool. */
export function bool(name: string): Field {
  return { name, type: "bool" };
}

/** A Timestamp, which becomes ms since epoch. */
export function time(name: string): Field {
  return { name, type: "time" };
}

/** A Timestamp, which becomes a text as protobuf's JSON has it. */
export function date(name: string): Field {
  return { name, type: "date" };
}

/** A message of bools, which becomes the sorted list of the numbers of those that are true. */
export function flags(name: string): Field {
  return { name, type: "flags" };
}

/** A field that carries nothing of the user's. */
export function ignored(name: string): Field {
  return { name, type: "ignored" };
}

/** A message. */
export function nested(name: string, message: Message): Field {
  return { name, type: message };
}

/** A repeated field. */
export function list(name: string, type: Message | "plain" = "plain"): Field {
  return { name, type, many: "list" };
}

/** A map with texts as keys. */
export function map(name: string, type: Message | "plain" = "plain"): Field {
  return { name, type, many: "map" };
}

/** Called with each field that the message does not list: its number and its size in bytes. */
export type OnUnknownField = (field: number, bytes: number) => void;

/** Field that every message of the log may have: the client's own bookkeeping. */
const bookkeeping = 200;

/**
 * Reads a message into `target`: what is there already is merged as protobuf does it, so that later
 * scalars win, lists grow and messages join.
 * @throws {MalformedProtobuf} when the bytes are no such message.
 */
export function readMessage(
  reader: ProtobufReader,
  message: Message,
  target: MutableJsonObject,
  onUnknown: OnUnknownField,
): MutableJsonObject {
  while (reader.next()) {
    const number = reader.field;
    const found = message[number];
    if (found !== undefined) {
      const field: Field = typeof found === "string" ? { name: found, type: "plain" } : found;
      readField(reader, field, target, onUnknown);
      continue;
    }
    const start = reader.position;
    reader.skip();
    if (number !== bookkeeping) onUnknown(number, reader.position - start);
  }
  return target;
}

function readField(
  reader: ProtobufReader,
  { name, type, many }: Field,
  target: MutableJsonObject,
  onUnknown: OnUnknownField,
): void {
  if (type === "ignored") return reader.skip();
  const before = Object.hasOwn(target, name) ? target[name] : undefined;
  if (many === "list") {
    const value = readValue(reader, type, undefined, onUnknown);
    if (Array.isArray(before)) before.push(value);
    else target[name] = [value];
  } else if (many === "map") {
    const entries: MutableJsonObject = isObject(before) ? before as MutableJsonObject : {};
    readMapEntry(reader.message(), type, entries, onUnknown);
    target[name] = entries;
  } else target[name] = readValue(reader, type, before, onUnknown);
}

function readMapEntry(
  reader: ProtobufReader,
  type: Field["type"],
  entries: MutableJsonObject,
  onUnknown: OnUnknownField,
): void {
  let key = "";
  let value: Json = typeof type === "object" ? {} : "";
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = readValue(reader, type, undefined, onUnknown);
    else reader.skip();
  }
  setKey(entries, key, value);
}

function readValue(
  reader: ProtobufReader,
  type: Field["type"],
  before: Json | undefined,
  onUnknown: OnUnknownField,
): Json {
  switch (type) {
    case "bool":
      return reader.bool();
    case "time":
      return readTime(reader.message());
    case "date":
      return readDate(reader.message());
    case "flags":
      return readFlags(reader.message(), before);
    case "plain":
    case "ignored":
      return readPlain(reader);
    default: {
      const target: MutableJsonObject = isObject(before) ? before as MutableJsonObject : {};
      return readMessage(reader.message(), type, target, onUnknown);
    }
  }
}

function readPlain(reader: ProtobufReader): Json {
  switch (reader.wireType) {
    case wire.varint:
      return reader.int();
    case wire.fixed64:
      return reader.double();
    case wire.fixed32:
      return reader.float();
    default:
      return reader.string();
  }
}

function readFlags(reader: ProtobufReader, before: Json | undefined): Json {
  const numbers = new Set(Array.isArray(before) ? before : []);
  while (reader.next()) {
    const number = reader.field;
    if (reader.wireType !== wire.varint) reader.skip();
    else if (reader.bool()) numbers.add(number);
  }
  return [...numbers].sort((left, right) => Number(left) - Number(right));
}

/** Reads a Timestamp as ms since epoch. */
export function readTime(reader: ProtobufReader): number {
  const { seconds, nanos } = readTimestamp(reader);
  return seconds * 1000 + nanos / 1e6;
}

function readDate(reader: ProtobufReader): Json {
  const { seconds, nanos } = readTimestamp(reader);
  const second = new Date(seconds * 1000);
  if (Number.isNaN(second.getTime())) return seconds;
  const digits = String(nanos).padStart(9, "0").replace(/(?:000){1,3}$/, "");
  const fraction = digits === "" ? "" : `.${digits}`;
  return second.toISOString().replace(/\.000Z$/, `${fraction}Z`);
}

/** Reads {1: seconds, 2: nanoseconds}. */
function readTimestamp(reader: ProtobufReader): { seconds: number; nanos: number } {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds = Number(reader.int());
    else if (reader.field === 2) nanos = Number(reader.int());
    else reader.skip();
  }
  return { seconds, nanos };
}
