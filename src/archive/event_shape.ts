import type { EventType, RunEvent } from "../model/event.ts";
import type { Decoded } from "./msgpack_decoder.ts";

type Kind = "text" | "number" | "integer" | "object" | "list";
type Shape = { readonly [property: string]: Kind };

/** What every event of a type must have; anything else that is there is up to the reader of it. */
const shapes: { readonly [type in EventType]: Shape } = {
  run: { id: "text", writer: "object" },
  config: { set: "object" },
  environment: {},
  metric: { key: "text" },
  history: { step: "integer", values: "object" },
  media: { step: "integer", key: "text", kind: "text", items: "list" },
  system: { values: "object" },
  console: { stream: "text", text: "text", line: "number" },
  summary: { set: "object" },
  file: { name: "text", file: "object", purpose: "text" },
  artifact: {
    direction: "text",
    kind: "text",
    name: "text",
    aliases: "list",
    metadata: "object",
    entries: "list",
  },
  alert: { title: "text", text: "text", level: "text" },
  finish: { state: "text" },
  gap: { offset: "number", bytes: "number", reason: "text" },
  unknown: { bytes: "number" },
};

/**
 * Whether a decoded value can be taken for an event: a known type with all that events of this
 * type must have, and files that are named by a path.
 */
export function isEvent(value: unknown): value is RunEvent {
  if (!isObject(value)) return false;
  const { type, seq, time } = value;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return false;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq)) return false;
  if (time !== undefined && typeof time !== "number") return false;
  const shape = Object.entries(shapes[type as EventType]);
  if (!shape.every(([name, kind]) => has(value[name], kind))) return false;
  if (type === "file") return isFile(value["file"]);
  const parts = value[type === "media" ? "items" : "entries"];
  return !Array.isArray(parts) || parts.every(isPart);
}

/** An item of a media value, or an entry of an artifact. */
function isPart(part: unknown): boolean {
  if (!isObject(part)) return false;
  return part["file"] === undefined || isFile(part["file"]);
}

function isFile(file: unknown): boolean {
  return isObject(file) && typeof file["path"] === "string";
}

function has(value: Decoded | undefined, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "integer":
      return typeof value === "number" || typeof value === "bigint";
    case "list":
      return Array.isArray(value);
    case "object":
      return isObject(value);
  }
}

function isObject(
  value: unknown,
): value is { readonly [name: string]: Decoded } {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Uint8Array);
}
