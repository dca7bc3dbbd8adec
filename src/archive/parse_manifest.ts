import { isObject, type Json, type JsonObject, setKey } from "../model/json.ts";
import type { Writer } from "../model/event.ts";
import type { RunInfo } from "../model/run.ts";
import type { MetricTally, Tally } from "../model/tally.ts";
import { fromExactJson } from "./exact_json.ts";
import type { ArchiveEntry, Manifest } from "./manifest.ts";

/** The text is not a manifest of this version; the message says what is wrong with it. */
export class MalformedManifest extends Error {
  override name = "MalformedManifest";
}

/**
 * Reads the text of `manifest.json`, trusting nothing in it.
 * @throws {MalformedManifest} when something is missing or of the wrong type.
 */
export function parseManifest(source: string): Manifest {
  const json = object(parse(source), "manifest");
  return {
    tool: string(json, "tool"),
    run: runInfo(object(json["run"], "run")),
    stamp: string(json, "stamp"),
    keepsSource: json["keepsSource"] === true,
    complete: json["complete"] === true,
    tally: tally(object(json["tally"], "tally")),
    files: new Map(
      Object.entries(object(json["files"], "files"))
        .map(([path, entry]) => [path, text(entry, "files")]),
    ),
    entries: list(json["entries"], "entries").map(archiveEntry),
  };
}

function parse(source: string): Json {
  try {
    return JSON.parse(source) as Json;
  } catch (error) {
    throw new MalformedManifest(`no JSON: ${String(error)}`);
  }
}

function runInfo(json: JsonObject): RunInfo {
  const startedAt = json["startedAt"];
  return {
    source: string(json, "source"),
    path: string(json, "path"),
    directory: string(json, "directory"),
    id: string(json, "id"),
    ...optional(json, "name"),
    ...optional(json, "project"),
    ...optional(json, "workspace"),
    ...(typeof startedAt === "number" ? { startedAt } : {}),
    ...optional(json, "beginning"),
    writer: writer(object(json["writer"], "writer")),
  };
}

function writer(json: JsonObject): Writer {
  return {
    tracker: string(json, "tracker"),
    ...optional(json, "version"),
    format: string(json, "format"),
  };
}

function archiveEntry(json: Json): ArchiveEntry {
  const entry = object(json, "entry");
  const kind = entry["kind"];
  if (kind !== "file" && kind !== "directory" && kind !== "link") {
    throw new MalformedManifest(`an entry of kind ${String(kind)}`);
  }
  if (kind === "file" && !/^[0-9a-f]{64}$/.test(string(entry, "sha256"))) {
    throw new MalformedManifest("a file without its hash");
  }
  return {
    path: string(entry, "path"),
    kind,
    bytes: count(entry, "bytes"),
    ...(kind === "file" ? { sha256: string(entry, "sha256") } : {}),
    mode: count(entry, "mode"),
    modified: number(entry, "modified"),
    ...optional(entry, "target"),
  };
}

function tally(json: JsonObject): Manifest["tally"] {
  const events = object(json["events"], "events");
  const console = object(json["console"], "console");
  const counts: { [type: string]: number } = {};
  for (const type of Object.keys(events)) {
    setKey(counts, type, count(events, type));
  }
  return {
    events: counts,
    metrics: metrics(object(json["metrics"], "metrics")),
    system: metrics(object(json["system"], "system")),
    console: {
      lines: count(console, "lines"),
      digest: string(console, "digest"),
    },
    digest: string(json, "digest"),
  };
}

function metrics(json: JsonObject): Tally["metrics"] {
  const result: { [key: string]: MetricTally } = {};
  for (const [key, value] of Object.entries(json)) {
    setKey(result, key, metric(object(value, "metric")));
  }
  return result;
}

function metric(json: JsonObject): MetricTally {
  return {
    points: count(json, "points"),
    firstStep: integer(json, "firstStep"),
    lastStep: integer(json, "lastStep"),
    last: exact(json, "last"),
    digest: string(json, "digest"),
  };
}

function integer(json: JsonObject, name: string): number | bigint {
  const value = exact(json, name);
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw missing(name);
}

function exact(json: JsonObject, name: string): Json {
  const value = fromExactJson(json[name] ?? null);
  if (value === undefined) throw missing(name);
  return value;
}

function object(json: Json | undefined, name: string): JsonObject {
  if (!isObject(json)) throw missing(name);
  return json;
}

function list(json: Json | undefined, name: string): readonly Json[] {
  if (!Array.isArray(json)) throw missing(name);
  return json;
}

function string(json: JsonObject, name: string): string {
  return text(json[name], name);
}

function text(json: Json | undefined, name: string): string {
  if (typeof json !== "string") throw missing(name);
  return json;
}

function optional<Name extends string>(
  json: JsonObject,
  name: Name,
): { readonly [name in Name]?: string } {
  const value = json[name];
  return typeof value === "string" ? { [name]: value } as { readonly [name in Name]: string } : {};
}

function number(json: JsonObject, name: string): number {
  const value = json[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw missing(name);
  return value;
}

/** A whole number of at least 0. */
function count(json: JsonObject, name: string): number {
  const value = number(json, name);
  if (!Number.isSafeInteger(value) || value < 0) throw missing(name);
  return value;
}

function missing(name: string): MalformedManifest {
  return new MalformedManifest(`"${name}" is missing or not what it must be`);
}
