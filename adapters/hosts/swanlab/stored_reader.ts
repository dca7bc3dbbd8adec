import { createHash } from "node:crypto";
import type { RunReader } from "../../../src/adapter.ts";
import { AbsentFileError } from "../../../src/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import type { Project, RunCard, SeriesRecord } from "./catalog.ts";
import { parseIsoTime } from "./iso_time.ts";
import { savedFolder, type StoredEvents, storedEvents } from "./stored_events.ts";
import type { StoredRun } from "./stored_run.ts";

/** A stored run and what the catalog says about it. */
export interface Stored {
  readonly project: Project;
  readonly card: RunCard;
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly run: StoredRun;
  /** What is known of the project's keys. */
  readonly series: ReadonlyMap<string, SeriesRecord>;
}

/** What a run that clients sent here looks like to everything else in this program. */
export class StoredReader implements RunReader {
  readonly info: RunInfo;
  readonly tail: undefined;
  readonly #stored: Stored;

  constructor(stored: Stored) {
    const { card, folder, project } = stored;
    const startedAt = parseIsoTime(card.createdAt);
    this.#stored = stored;
    this.info = {
      source: "swanlab",
      path: folder,
      directory: card.id,
      id: card.id,
      name: card.name,
      project: project.name,
      workspace: project.workspace,
      ...(Number.isNaN(startedAt) ? {} : { startedAt }),
      writer: { tracker: "swanlab", format: "host" },
    };
  }

  /** All events at once would not fit into memory; they come in arrays of a bounded length. */
  async *events(): AsyncGenerator<readonly RunEvent[]> {
    const events: StoredEvents = storedEvents(this.#stored, this.info);
    let seq = 0;
    for await (const some of events) yield some.map((event) => ({ ...event, seq: seq++ }));
  }

  /** There is no run directory: all files are named by events. */
  async *entries(): AsyncGenerator<SourceEntry> {}

  async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    const sha256 = this.#contentOf(ref.path);
    if (sha256 === undefined) {
      throw new AbsentFileError(`Cannot read ${ref.path} of ${this.info.id}: it did not arrive`, {
        hint: "The client that sent the run did not send that file.",
      });
    }
    const content = ReadableStream.from(this.#stored.run.blobs.read(sha256));
    return await Promise.resolve(content as ReadableStream<Uint8Array>);
  }

  async stamp(): Promise<string> {
    const { card, run } = this.#stored;
    const state = JSON.stringify([card, run.stamp]);
    return await Promise.resolve(createHash("sha256").update(state).digest("hex"));
  }

  /** The store keeps the run open, and closes it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #contentOf(path: string): string | undefined {
    const { files, objects } = this.#stored.run.details;
    if (path.startsWith(savedFolder)) return files.get(path.slice(savedFolder.length))?.sha256;
    return objects.get(path)?.sha256;
  }
}
