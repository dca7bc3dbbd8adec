import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SourceError, systemCode } from "../errors.ts";
import { fileError } from "../files/byte_source.ts";
import { fileRefs } from "../model/file_refs.ts";
import type { RunInfo } from "../model/run.ts";
import { TallyBuilder } from "../model/tally_builder.ts";
import type { Tally } from "../model/tally.ts";
import { fileTallies, type Manifest } from "./manifest.ts";
import { MalformedMsgpack } from "./msgpack_decoder.ts";
import { ArchiveReader, decodeEvents, type Located } from "./reader.ts";
import { tallyDifferences } from "./tally_difference.ts";
import { encodeHeader, endBytes, paddedBytes } from "./tar_header.ts";
import { Window, windowBytes } from "./window.ts";

/** What reading all of a tar again showed. */
export interface TarReport {
  /** Path of the tar. */
  readonly path: string;
  /** Entries behind the manifest. */
  readonly entries: number;
  /** Size of the tar. */
  readonly bytes: number;
  /** Full sentences; empty when every byte is as it was written. */
  readonly differences: readonly string[];
  /** What is archived; absent when the manifest cannot be read. */
  readonly manifest?: Manifest;
  readonly info?: RunInfo;
  /** The sum of what is really there: the events as decoded, the files as hashed. */
  readonly tally?: Tally;
  /** The files that events name, whether they are there or not. */
  readonly named?: ReadonlySet<string>;
}

/** Called with each number of bytes read. */
export type OnBytes = (bytes: number) => void;

/**
 * Reads a whole tar again: every header, every content against its SHA-256, every event, every
 * byte between and behind them. Problems with the tar are differences, not errors.
 */
export async function verifyTar(
  path: string,
  onBytes: OnBytes = () => {},
): Promise<TarReport> {
  let reader: ArchiveReader;
  try {
    reader = await ArchiveReader.open(path);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { path, entries: 0, bytes: 0, differences: [`${error.message}.`] };
  }
  await using open = reader;
  return await new TarCheck(open, onBytes).run();
}

/**
 * Verifies every tar in a folder and below, in order of path, or the one tar that `root` is.
 * @throws {SourceError} when a folder cannot be read.
 */
export async function* verifyArchive(
  root: string,
  onBytes?: OnBytes,
): AsyncGenerator<TarReport> {
  for await (const path of tars(root)) yield await verifyTar(path, onBytes);
}

async function* tars(path: string): AsyncGenerator<string> {
  try {
    if (!(await lstat(path)).isDirectory()) {
      yield path;
      return;
    }
    const names = await readdir(path, { withFileTypes: true });
    names.sort((left, right) => left.name < right.name ? -1 : 1);
    for (const entry of names) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) yield* tars(inside);
      else if (entry.isFile() && entry.name.endsWith(".tar")) yield inside;
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw fileError(path, error);
  }
}

/** One tar being verified. */
class TarCheck {
  readonly #reader: ArchiveReader;
  readonly #window: Window;
  readonly #onBytes: OnBytes;
  readonly #differences: string[] = [];
  readonly #tally = new TallyBuilder();
  readonly #named = new Set<string>();
  /** Entries whose content is as it was written. */
  readonly #whole = new Set<string>();
  #seq = 0;

  constructor(reader: ArchiveReader, onBytes: OnBytes) {
    this.#reader = reader;
    this.#window = new Window(reader.file);
    this.#onBytes = onBytes;
  }

  async run(): Promise<TarReport> {
    const { path, manifest, located, file, end } = this.#reader;
    await this.#checkFront();
    for (const entry of located) await this.#checkEntry(entry);
    await this.#checkEnd(end);
    const tally = this.#heldTally();
    if (this.#differences.length === 0) {
      const delivered = { ...manifest.tally, files: {} };
      this.#differences.push(...tallyDifferences(delivered, tally));
    }
    return {
      path,
      entries: located.length,
      bytes: file.size,
      differences: this.#differences,
      manifest,
      info: manifest.run,
      tally,
      named: this.#named,
    };
  }

  /** The manifest was read with its header; what is left of it is the padding. */
  async #checkFront(): Promise<void> {
    const { manifestEnd } = this.#reader;
    const padding = paddedBytes(manifestEnd) - manifestEnd;
    this.#onBytes(manifestEnd);
    if (!isZero(await this.#view(manifestEnd, padding), padding)) {
      this.#differs("The padding behind manifest.json is not as written.");
    }
  }

  async #checkEntry({ entry, header, content }: Located): Promise<void> {
    const { path, bytes } = entry;
    const expected = encodeHeader(entry);
    if (!expected.equals(await this.#view(header, expected.length))) {
      this.#differs(`The header of ${path} is not as written.`);
    }
    if (entry.kind !== "file") return;
    const chunk = path.startsWith("events/")
      ? Buffer.alloc(Math.min(bytes, this.#reader.file.size))
      : undefined;
    const sha256 = await this.#hash(content, bytes, chunk);
    if (sha256 !== entry.sha256) {
      this.#differs(
        `The content of ${path} has the SHA-256 ${sha256} instead of ${entry.sha256}.`,
      );
    } else {
      this.#whole.add(path);
      if (chunk !== undefined) await this.#addEvents(path, chunk);
    }
    const padding = paddedBytes(bytes) - bytes;
    if (!isZero(await this.#view(content + bytes, padding), padding)) {
      this.#differs(`The padding behind ${path} is not as written.`);
    }
  }

  /** SHA-256 of a content, which is also copied into `chunk` if there is one. */
  async #hash(
    content: number,
    bytes: number,
    chunk: Buffer | undefined,
  ): Promise<string> {
    const hash = createHash("sha256");
    for (let at = 0; at < bytes;) {
      const wanted = Math.min(windowBytes, bytes - at);
      const piece = await this.#view(content + at, wanted);
      hash.update(piece);
      chunk?.set(piece, at);
      at += piece.length;
      if (piece.length < wanted) break;
    }
    return hash.digest("hex");
  }

  async #addEvents(path: string, chunk: Uint8Array): Promise<void> {
    try {
      for (const event of await decodeEvents(chunk)) {
        if (event.seq !== this.#seq++) {
          this.#differs(`${path} does not continue the events before it.`);
          return;
        }
        this.#tally.add(event);
        for (const { path } of fileRefs(event)) this.#named.add(path);
      }
    } catch (error) {
      if (!(error instanceof MalformedMsgpack)) throw error;
      this.#differs(`${path} is ${error.message}.`);
    }
  }

  async #checkEnd(end: number): Promise<void> {
    const { size } = this.#reader.file;
    if (size !== end + endBytes) {
      this.#differs(
        `The tar has ${size} bytes instead of ${end + endBytes}.`,
      );
    } else if (!isZero(await this.#view(end, endBytes), endBytes)) {
      this.#differs("The end of the tar is not as written.");
    }
  }

  #heldTally(): Tally {
    const { manifest } = this.#reader;
    for (const [path, tally] of fileTallies(manifest)) {
      const entry = manifest.files.get(path) ?? `source/${path}`;
      if (this.#whole.has(entry)) this.#tally.file(path, tally);
    }
    return this.#tally.result();
  }

  async #view(position: number, bytes: number): Promise<Buffer> {
    const view = await this.#window.view(position, bytes);
    this.#onBytes(view.length);
    return view;
  }

  #differs(sentence: string): void {
    this.#differences.push(sentence);
  }
}

/** Whether there are `length` bytes and all are zero. */
function isZero(bytes: Uint8Array, length: number): boolean {
  return bytes.length === length && bytes.every((byte) => byte === 0);
}
