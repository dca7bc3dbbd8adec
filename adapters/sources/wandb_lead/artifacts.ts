import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { ArtifactEvent } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { readArtifact, readUsedArtifact } from "./artifact_record.ts";

/** Addresses of files in artifacts of the same log, as media values have them. */
const scheme = "wandb-client-artifact://";
/** Artifacts with more entries are not looked into: nothing but media of a row point to them. */
const mostEntries = 10_000;

/** The artifacts of one log, and the files that media find in them. */
export class Artifacts {
  /** By client id, and by sequence client id with ":latest". */
  readonly #files = new Map<string, ReadonlyMap<string, FileRef>>();

  /** MD5 in base64 of every file that lies somewhere, by its path. */
  readonly digests: Map<string, string> = new Map();

  /** Reads an ArtifactRecord. */
  add(message: ProtobufReader): Omit<ArtifactEvent, "seq"> {
    const { event, clientId, sequenceClientId, manifestFile } = readArtifact(message);
    const files = new Map<string, FileRef>();
    for (const { path, file } of event.entries.slice(0, mostEntries)) {
      if (file !== undefined) files.set(path, file);
    }
    for (const { file, digest } of event.entries) {
      if (file !== undefined && digest !== undefined) this.digests.set(file.path, digest);
    }
    if (clientId !== "") this.#files.set(clientId, files);
    if (sequenceClientId !== "") this.#files.set(`${sequenceClientId}:latest`, files);
    if (manifestFile === undefined) return event;
    // The entries of very large artifacts are in a file of their own; that file is what is kept.
    const manifest = { path: "manifest", file: { path: manifestFile } };
    return { ...event, entries: [...event.entries, manifest] };
  }

  /** Reads a UseArtifactRecord. */
  use(message: ProtobufReader): Omit<ArtifactEvent, "seq"> {
    return readUsedArtifact(message);
  }

  /** The file behind an address, if it is in an artifact of this log. */
  resolve(address: string): FileRef | undefined {
    if (!address.startsWith(scheme)) return undefined;
    const rest = address.slice(scheme.length);
    const slash = rest.indexOf("/");
    return this.#files.get(rest.slice(0, slash))?.get(rest.slice(slash + 1));
  }
}
