import type { Context } from "../../../src/adapter.ts";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { ArtifactEntry, ArtifactEvent } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import { ArtifactCopies } from "./artifact_copies.ts";
import { artifact, linkArtifact, useArtifact } from "./artifact_message.ts";
import { manifestLines } from "./artifact_manifest.ts";
import { isFilled } from "./identity.ts";
import { given, listOf, member, numberOf, objectOf, textOf, textsOf } from "./json_fields.ts";
import { type OnUnknownField, readMessage } from "./message.ts";
import type { RunEvents } from "./run_events.ts";

/** Entries that are remembered for values that point into artifacts. */
const mostRemembered = 100_000;

/** What of an artifact has no place in its event, and is kept in the metadata under `_wandb`. */
const kept = [
  ...["digest", "digest_algorithm", "client_id", "sequence_client_id", "distributed_id"],
  ...["base_id", "ttl_duration_seconds", "tags", "incremental_beta1"],
];

type Draft = Omit<ArtifactEvent, "type" | "seq">;

/** The artifacts of a run, and the files behind addresses into them. */
export class Artifacts {
  readonly #events: RunEvents;
  readonly #onUnknown: OnUnknownField;
  readonly #copies: ArtifactCopies;
  readonly #followOutside: boolean;
  /** Files by client id and entry path, as addresses spell them. */
  readonly #files = new Map<string, FileRef>();

  constructor(events: RunEvents, onUnknown: OnUnknownField, context: Context) {
    this.#events = events;
    this.#onUnknown = onUnknown;
    this.#copies = new ArtifactCopies(context);
    this.#followOutside = context.followOutside;
  }

  /** Takes in an artifact that the run made; a manifest in a file of its own is waited for. */
  made(reader: ProtobufReader): Promise<void> | undefined {
    const record = readMessage(reader, artifact, {}, this.#onUnknown);
    const manifest = objectOf(record, "manifest");
    const entries = listOf(manifest, "contents").map((entry) => this.#entry(entry));
    const path = textOf(manifest, "manifest_file_path");
    if (path !== undefined) return this.#fromFile(record, entries, path);
    this.#made(record, entries);
    return undefined;
  }

  async #fromFile(
    record: JsonObject,
    entries: readonly ArtifactEntry[],
    path: string,
  ): Promise<void> {
    const file = this.#copies.find(path);
    const lines = this.#followOutside ? await manifestLines(file.path) : undefined;
    // Without the manifest itself its file stands for what it lists, so that its loss has a name.
    const others = lines?.map((line) => this.#entry(line)) ?? [{ path: "manifest.jsonl.gz", file }];
    this.#made(record, [...entries, ...others]);
  }

  #made(record: JsonObject, entries: readonly ArtifactEntry[]): void {
    this.#remember(record, entries);
    this.#add({
      direction: "output",
      kind: textOf(record, "type") ?? "",
      name: textOf(record, "name") ?? "",
      aliases: textsOf(record, "aliases"),
      ...given({ description: textOf(record, "description") }),
      metadata: withInternal(metadataOf(record), pick(record, kept)),
      entries,
    });
  }

  /** Takes in an artifact that the run used. */
  used(reader: ProtobufReader): void {
    const record = readMessage(reader, useArtifact, {}, this.#onUnknown);
    this.#add({
      direction: "input",
      kind: textOf(record, "type") ?? "",
      name: textOf(record, "name") ?? "",
      aliases: [],
      metadata: withInternal({}, pick(record, ["id", "partial"])),
      entries: [],
    });
  }

  /** Takes in that an artifact was put into a portfolio; later clients write nothing here. */
  linked(reader: ProtobufReader): void {
    const record = readMessage(reader, linkArtifact, {}, this.#onUnknown);
    if (!isFilled(record)) return;
    const place = ["portfolio_entity", "portfolio_project", "portfolio_name"];
    this.#add({
      direction: "output",
      kind: "link",
      name: place.map((name) => textOf(record, name)).filter((part) => part !== undefined)
        .join("/"),
      aliases: textsOf(record, "portfolio_aliases"),
      metadata: withInternal({}, pick(record, ["client_id", "server_id"])),
      entries: [],
    });
  }

  /** The file behind `wandb-client-artifact://<client id>/<path>`, where this log has it. */
  file(address: string): FileRef | undefined {
    const found = /^wandb-client-artifact:\/\/(.*)$/s.exec(address)?.[1];
    return found === undefined ? undefined : this.#files.get(found);
  }

  #entry(entry: Json): ArtifactEntry {
    const bytes = numberOf(entry, "size");
    const local = textOf(entry, "local_path");
    const digest = textOf(entry, "digest");
    return {
      path: textOf(entry, "path") ?? "",
      ...given({
        digest,
        bytes,
        ref: textOf(entry, "ref"),
        file: local === undefined ? undefined : this.#copies.find(local, bytes, digest),
      }),
    };
  }

  #remember(record: JsonObject, entries: readonly ArtifactEntry[]): void {
    const client = textOf(record, "client_id");
    const sequence = textOf(record, "sequence_client_id");
    for (const { path, file } of entries) {
      if (file === undefined || this.#files.size >= mostRemembered) continue;
      if (client !== undefined) this.#files.set(`${client}/${path}`, file);
      if (sequence !== undefined) this.#files.set(`${sequence}:latest/${path}`, file);
    }
  }

  #add(draft: Draft): void {
    this.#events.add({ type: "artifact", seq: this.#events.next(), ...draft });
  }
}

function pick(record: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => [name, member(record, name)] as const)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== ""),
  );
}

function metadataOf(record: JsonObject): JsonObject {
  const text = textOf(record, "metadata");
  if (text === undefined) return {};
  try {
    const value = parseLosslessJson(text);
    return isObject(value) ? value : { metadata: value };
  } catch (error) {
    if (error instanceof MalformedJson) return { metadata: text };
    throw error;
  }
}

function withInternal(metadata: JsonObject, internal: JsonObject): JsonObject {
  return isFilled(internal) ? { ...metadata, _wandb: internal } : metadata;
}
