import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { ArtifactEntry, ArtifactEvent } from "../../../src/model/event.ts";
import { isObject, type JsonObject } from "../../../src/model/json.ts";
import { parsed } from "./json_item.ts";

/** An artifact of the log, with the ids that references to it use. */
export interface Artifact {
  readonly event: Omit<ArtifactEvent, "seq">;
  readonly clientId: string;
  readonly sequenceClientId: string;
  /** A file with one manifest entry a line, for very large artifacts (0.17.6 and later). */
  readonly manifestFile?: string;
}

/** Reads an ArtifactRecord. */
export function readArtifact(message: ProtobufReader): Artifact {
  const texts: { [field: number]: string } = {};
  const aliases: string[] = [];
  const tags: string[] = [];
  let manifest: Manifest = { entries: [] };
  while (message.next()) {
    if (message.field === 11) aliases.push(message.string());
    else if (message.field === 19) tags.push(message.string());
    else if (message.field === 12) manifest = readManifest(message.message());
    else if (textFields.has(message.field)) texts[message.field] = message.string();
    else message.skip();
  }
  const metadata = metadataOf(texts[8]);
  return {
    clientId: texts[15] ?? "",
    sequenceClientId: texts[16] ?? "",
    ...(manifest.file === undefined ? {} : { manifestFile: manifest.file }),
    event: {
      type: "artifact",
      direction: "output",
      kind: texts[4] ?? "",
      name: texts[5] ?? "",
      aliases,
      ...(texts[7] === undefined ? {} : { description: texts[7] }),
      metadata: tags.length === 0 ? metadata : { ...metadata, tags },
      entries: manifest.entries,
    },
  };
}

/** type, name, description, metadata, client id, sequence client id. */
const textFields: ReadonlySet<number> = new Set([4, 5, 7, 8, 15, 16]);

function metadataOf(text: string | undefined): JsonObject {
  const metadata = text === undefined || text === "" ? undefined : parsed(text);
  return isObject(metadata) ? metadata : {};
}

interface Manifest {
  readonly entries: readonly ArtifactEntry[];
  readonly file?: string;
}

function readManifest(message: ProtobufReader): Manifest {
  const entries: ArtifactEntry[] = [];
  let file = "";
  while (message.next()) {
    if (message.field === 4) entries.push(readEntry(message.message()));
    else if (message.field === 5) file = message.string();
    else message.skip();
  }
  return { entries, ...(file === "" ? {} : { file }) };
}

function readEntry(message: ProtobufReader): ArtifactEntry {
  const texts: { [field: number]: string } = {};
  let bytes: number | undefined;
  while (message.next()) {
    if (message.field === 4) bytes = Number(message.int());
    else if ([1, 2, 3, 6].includes(message.field)) texts[message.field] = message.string();
    else message.skip();
  }
  const [path = "", digest = "", ref = "", local = ""] = [1, 2, 3, 6].map((field) => texts[field]);
  const size = bytes === undefined ? {} : { bytes };
  return {
    path,
    ...(digest === "" ? {} : { digest }),
    ...size,
    ...(ref === "" ? {} : { ref }),
    ...(local === "" ? {} : { file: { path: local, ...size } }),
  };
}

/** Reads a UseArtifactRecord {1 id, 2 type, 3 name} as an input; only the name of it is known. */
export function readUsedArtifact(message: ProtobufReader): Omit<ArtifactEvent, "seq"> {
  const texts: { [field: number]: string } = {};
  while (message.next()) {
    if (message.field <= 3) texts[message.field] = message.string();
    else message.skip();
  }
  const id = texts[1];
  return {
    type: "artifact",
    direction: "input",
    kind: texts[2] ?? "",
    name: texts[3] ?? "",
    aliases: [],
    metadata: id === undefined ? {} : { id },
    entries: [],
  };
}
