import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { SourceError } from "../errors.ts";
import { type OpenFile, openFile } from "../files/byte_source.ts";
import type { RunEvent } from "../model/event.ts";
import { decodeChunk } from "./chunk_decoder.ts";
import {
  type ArchiveEntry,
  formatVersion,
  type Manifest,
  manifestHeader,
  manifestPath,
} from "./manifest.ts";
import { MalformedMsgpack } from "./msgpack_decoder.ts";
import { MalformedManifest, parseManifest } from "./parse_manifest.ts";
import { blockBytes, encodeHeader, paddedBytes } from "./tar_header.ts";
import { fill } from "./window.ts";

const decompress = promisify(zstdDecompress);
/** No chunk is larger, decompressed: what claims to be is an attack on our memory. */
const mostChunkBytes = 1 << 29;
/** The index of a run with a million files is about this large. */
const mostManifestBytes = 1 << 29;
const pieceBytes = 1 << 18;
const otherHash = "its SHA-256 is not the one that it was written with";

/** An entry, and where its header and its content begin in the tar. */
export interface Located {
  readonly entry: ArchiveEntry;
  readonly header: number;
  readonly content: number;
}

/** Bytes at the front of a tar that tell whether it is an archive. */
const markBytes = 2 * blockBytes;

/**
 * Whether a file begins as an archive does, of whatever version; reads 1 KiB.
 * @throws {SourceError} when it cannot be read.
 */
export async function isArchive(path: string): Promise<boolean> {
  await using file = await openFile(path);
  return await readMark(file) !== undefined;
}

interface Mark {
  readonly version: string;
  readonly sha256: string;
}

async function readMark(file: OpenFile): Promise<Mark | undefined> {
  const front = Buffer.alloc(markBytes);
  await fill(file, front, 0);
  const text = front.toString("latin1", blockBytes);
  const mark = /^\d+ comment=runferry archive (\d+) sha256:([0-9a-f]{64})\n/;
  const [, version, sha256] = mark.exec(text) ?? [];
  if (version === undefined || sha256 === undefined) return undefined;
  return { version, sha256 };
}

/** One open archive. Everything lies where its manifest says; nothing is ever extracted. */
export class ArchiveReader implements AsyncDisposable {
  /** Absolute path of the tar. */
  readonly path: string;
  readonly manifest: Manifest;
  /** SHA-256 of the manifest, which holds the hashes of all else. */
  readonly sha256: string;
  readonly file: OpenFile;
  /** In the order of the tar. */
  readonly located: readonly Located[];
  /** Where the content of the manifest ends. */
  readonly manifestEnd: number;
  /** Where the last entry ends. */
  readonly end: number;
  readonly #byPath = new Map<string, Located>();

  private constructor(
    path: string,
    file: OpenFile,
    sha256: string,
    manifest: Manifest,
    manifestEnd: number,
  ) {
    this.path = path;
    this.file = file;
    this.sha256 = sha256;
    this.manifest = manifest;
    this.manifestEnd = manifestEnd;
    const located: Located[] = [];
    let position = paddedBytes(manifestEnd);
    for (const entry of manifest.entries) {
      const content = position + encodeHeader(entry).length;
      const at = { entry, header: position, content };
      located.push(at);
      this.#byPath.set(entry.path, at);
      position = content + paddedBytes(entry.bytes);
    }
    this.located = located;
    this.end = position;
  }

  /**
   * Opens a tar and reads its manifest.
   * @throws {SourceError} when it cannot be read, is no archive, one of another version, or damaged
   * in front of its first entry.
   */
  static async open(path: string): Promise<ArchiveReader> {
    const file = await openFile(path);
    try {
      const mark = await readMark(file);
      if (mark === undefined) throw notArchive(path);
      if (mark.version !== String(formatVersion)) {
        throw otherVersion(path, mark.version);
      }
      const bytes = await readManifest(path, file);
      if (sha256Of(bytes) !== mark.sha256) {
        throw damaged(path, manifestPath, otherHash);
      }
      const manifest = parse(path, bytes);
      const header = manifestHeader(manifest.run, bytes);
      const front = Buffer.alloc(header.length);
      await fill(file, front, 0);
      if (!front.equals(header)) {
        throw damaged(path, manifestPath, "its header is not as written");
      }
      const end = header.length + bytes.length;
      return new ArchiveReader(path, file, mark.sha256, manifest, end);
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The entry of that path, wherever in the tar it is. */
  locate(path: string): Located | undefined {
    return this.#byPath.get(path);
  }

  /** The `events/` entries in the order of the events. */
  chunks(): readonly Located[] {
    return this.located.filter(({ entry }) =>
      entry.kind === "file" && entry.path.startsWith("events/")
    );
  }

  /**
   * The events of one of the {@link chunks}.
   * @throws {SourceError} when they are not as they were written.
   */
  async events({ entry, content }: Located): Promise<readonly RunEvent[]> {
    const bytes = await this.#bytes(entry, content);
    if (sha256Of(bytes) !== entry.sha256) {
      throw damaged(this.path, entry.path, otherHash);
    }
    try {
      return await decodeEvents(bytes);
    } catch (error) {
      if (!(error instanceof MalformedMsgpack)) throw error;
      throw damaged(this.path, entry.path, `it is ${error.message}`);
    }
  }

  /** The content of a file; the stream fails when it is not as it was written. */
  stream({ entry, content }: Located): ReadableStream<Uint8Array> {
    const hash = createHash("sha256");
    let done = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const piece = new Uint8Array(Math.min(pieceBytes, entry.bytes - done));
        const got = await fill(this.file, piece, content + done);
        if (got < piece.length) {
          throw damaged(this.path, entry.path, "it is cut short");
        }
        hash.update(piece);
        done += piece.length;
        if (piece.length > 0) controller.enqueue(piece);
        if (done < entry.bytes) return;
        if (hash.digest("hex") !== entry.sha256) {
          throw damaged(this.path, entry.path, otherHash);
        }
        controller.close();
      },
    }, { highWaterMark: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file[Symbol.asyncDispose]();
  }

  async #bytes(entry: ArchiveEntry, content: number): Promise<Buffer> {
    if (content + entry.bytes > this.file.size) {
      throw damaged(this.path, entry.path, "it is cut short");
    }
    const bytes = Buffer.allocUnsafe(entry.bytes);
    return bytes.subarray(0, await fill(this.file, bytes, content));
  }
}

/**
 * Reads the events of a chunk as it lies in the tar.
 * @throws {MalformedMsgpack} when it is none.
 */
export async function decodeEvents(
  compressed: Uint8Array,
): Promise<readonly RunEvent[]> {
  let bytes: Uint8Array;
  try {
    bytes = await decompress(compressed, { maxOutputLength: mostChunkBytes });
  } catch (error) {
    throw new MalformedMsgpack(`no zstd frame: ${String(error)}`);
  }
  return decodeChunk(bytes);
}

async function readManifest(path: string, file: OpenFile): Promise<Buffer> {
  const front = Buffer.alloc(3 * blockBytes);
  await fill(file, front, 0);
  const size = parseInt(front.toString("latin1", markBytes + 124, 1160), 8);
  if (!(size >= 0 && size <= mostManifestBytes && size <= file.size)) {
    throw damaged(path, manifestPath, "its size is not as written");
  }
  const bytes = Buffer.allocUnsafe(size);
  return bytes.subarray(0, await fill(file, bytes, front.length));
}

function parse(path: string, bytes: Buffer): Manifest {
  try {
    return parseManifest(bytes.toString("utf8"));
  } catch (error) {
    if (!(error instanceof MalformedManifest)) throw error;
    throw damaged(path, manifestPath, error.message);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function damaged(path: string, entry: string, what: string): SourceError {
  return new SourceError(`Cannot read ${entry} in ${path}: ${what}`, {
    hint: "Make the archive again from the run directory, or use another copy.",
  });
}

function notArchive(path: string): SourceError {
  return new SourceError(`${path} is not a runferry archive`, {
    hint: "Archives begin with an entry manifest.json that says what they are.",
  });
}

function otherVersion(path: string, version: string): SourceError {
  return new SourceError(
    `${path} is a runferry archive of version ${version}; this program reads version ${formatVersion}`,
    { hint: "Use a newer runferry." },
  );
}
