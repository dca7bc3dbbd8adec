import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { stat } from "node:fs/promises";
import type { Place, RunReader, Source } from "../../../src/adapter.ts";
import { AbsentFileError, SourceError } from "../../../src/errors.ts";
import { fileError } from "../../../src/files/byte_source.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import type { RunInfo, RunRef } from "../../../src/model/run.ts";
import { ArchiveReader, isArchive, type Located } from "../../../src/archive/reader.ts";

/** Number of the gap that stands for a damaged part, until it gets its place. */
const damaged = -1;

/** Reads our own archives: each tar is a run. */
export const archive: Source = {
  name: "archive",

  async recognise(place: Place): Promise<readonly RunRef[]> {
    const paths = place.kind === "file"
      ? [place.path]
      : place.entries.filter(({ kind }) => kind === "file")
        .map(({ name }) => join(place.path, name));
    const refs: RunRef[] = [];
    for (const path of paths) {
      if (await isOurs(path)) refs.push({ source: "archive", path });
    }
    return refs;
  },

  async open(ref: RunRef): Promise<RunReader> {
    return new ArchivedRun(await ArchiveReader.open(ref.path));
  },
};

/** A tar that cannot be read is not recognised by its content; opening it by name says why. */
async function isOurs(path: string): Promise<boolean> {
  if (!basename(path).endsWith(".tar")) return false;
  try {
    return await isArchive(path);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return false;
  }
}

/** One archive as a run. Its files are served by name from the tar and never extracted. */
class ArchivedRun implements RunReader {
  readonly info: RunInfo;
  /** Archives are made of whole events. */
  readonly tail: undefined;
  readonly #reader: ArchiveReader;

  constructor(reader: ArchiveReader) {
    const { path, manifest } = reader;
    this.#reader = reader;
    this.info = { ...manifest.run, source: "archive", path };
  }

  /**
   * As archived; a part that is damaged becomes a `gap` and the events behind it move up. Where that
   * part has the run's identity, the manifest tells it.
   */
  async *events(): AsyncGenerator<readonly RunEvent[]> {
    let seq = 0;
    for (const chunk of this.#reader.chunks()) {
      const events = await this.#chunk(chunk);
      if (seq === 0 && events[0]?.seq === damaged) yield [this.#identity(seq++)];
      yield events.map((event) => event.seq === seq ? (seq++, event) : { ...event, seq: seq++ });
    }
  }

  /** What `source/` holds, in byte order of the paths. */
  async *entries(): AsyncGenerator<SourceEntry> {
    const kept = this.#reader.manifest.entries
      .filter(({ path }) => path.startsWith("source/"))
      .map((entry) => ({ entry, name: Buffer.from(entry.path) }))
      .sort((left, right) => Buffer.compare(left.name, right.name));
    for (const { entry: { sha256: _, path, ...entry } } of kept) {
      yield await Promise.resolve({ ...entry, path: path.slice("source/".length) });
    }
  }

  async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    const { manifest, path } = this.#reader;
    const name = manifest.files.get(ref.path) ?? `source/${ref.path}`;
    const located = this.#reader.locate(name);
    if (located?.entry.kind === "file") {
      return await Promise.resolve(this.#reader.stream(located));
    }
    throw new AbsentFileError(`Cannot read ${ref.path} in ${path}: the archive does not hold it`, {
      hint: "It could not be read when the archive was made.",
    });
  }

  async stamp(): Promise<string> {
    const { path, sha256 } = this.#reader;
    try {
      const { size, mtimeNs } = await stat(path, { bigint: true });
      return createHash("sha256").update(`${sha256} ${size} ${mtimeNs}`)
        .digest("hex");
    } catch (error) {
      throw fileError(path, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }

  #identity(seq: number): RunEvent {
    const { id, name, project, workspace, startedAt, writer } = this.#reader.manifest.run;
    return {
      type: "run",
      seq,
      id,
      ...(name === undefined ? {} : { name }),
      ...(project === undefined ? {} : { project }),
      ...(workspace === undefined ? {} : { workspace }),
      ...(startedAt === undefined ? {} : { startedAt }),
      writer,
    };
  }

  async #chunk(located: Located): Promise<readonly RunEvent[]> {
    try {
      return await this.#reader.events(located);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const { content, entry } = located;
      return [{
        type: "gap",
        seq: damaged,
        offset: content,
        bytes: entry.bytes,
        // Without the tar's path, which is not the same everywhere.
        reason: `${entry.path}: ${error.message.slice(error.message.lastIndexOf(": ") + 2)}`,
      }];
    }
  }
}
