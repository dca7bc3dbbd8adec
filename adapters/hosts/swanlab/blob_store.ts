import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, syncFolder } from "../../../src/files/durable_folder.ts";
import {
  createTemporary,
  discard,
  publish,
  removeLeftovers,
  type Temporary,
} from "../../../src/archive/temporary.ts";
import { tooLarge } from "./refusal.ts";

/** Content that is stored. */
export interface Blob {
  readonly bytes: number;
  /** 64 hex digits; also its name in the store. */
  readonly sha256: string;
  /** 32 hex digits. */
  readonly md5: string;
}

/** Part of a blob, in bytes: `end` is the first one behind it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const readBytes = 1 << 20;

/** The contents of one run's media objects and saved files, each in a file named by its SHA-256. */
export class BlobStore {
  readonly #folder: string;
  readonly #uploads: string;

  private constructor(folder: string) {
    this.#folder = join(folder, "blobs");
    this.#uploads = join(folder, "uploads");
  }

  /** Opens the store of a run's folder; `now` in ms since epoch. */
  static async open(folder: string, now: number): Promise<BlobStore> {
    const store = new BlobStore(folder);
    await makeFolder(store.#folder);
    await makeFolder(store.#uploads);
    await removeLeftovers(store.#folder, now);
    await syncFolder(folder);
    return store;
  }

  /**
   * Stores content; resolves once it is safely on disk.
   * @throws {Refusal} when it is longer than `most` bytes.
   */
  async put(content: AsyncIterable<Uint8Array>, most: number): Promise<Blob> {
    const temporary = await createTemporary(this.#folder);
    let kept = false;
    try {
      const blob = await fill(temporary, content, most);
      kept = await publish(temporary, this.#path(blob.sha256), false);
      return blob;
    } finally {
      if (!kept) await discard(temporary);
    }
  }

  /** The content of a blob, or a part of it. */
  read(sha256: string, range?: ByteRange): AsyncIterable<Buffer> {
    const part = range === undefined ? {} : { start: range.start, end: range.end - 1 };
    return createReadStream(this.#path(sha256), { ...part, highWaterMark: readBytes });
  }

  /** Writes a part of an upload to its place; resolves once it is safely on disk. */
  async putPart(
    upload: string,
    offset: number,
    content: AsyncIterable<Uint8Array>,
    most: number,
  ): Promise<Omit<Blob, "sha256">> {
    const flags = constants.O_RDWR | constants.O_CREAT;
    const part = await open(join(this.#uploads, upload), flags, 0o600);
    try {
      const md5 = createHash("md5");
      let bytes = 0;
      for await (const piece of content) {
        if (bytes + piece.length > most) throw tooLarge(`The part has more than ${most} bytes`);
        md5.update(piece);
        await writeAt(part, piece, offset + bytes);
        bytes += piece.length;
      }
      await part.datasync();
      return { bytes, md5: md5.digest("hex") };
    } finally {
      await part.close();
    }
  }

  /** Makes an upload whose parts are all there a blob of so many bytes. */
  async join(upload: string, bytes: number): Promise<Blob> {
    const path = join(this.#uploads, upload);
    const sha256 = createHash("sha256");
    const md5 = createHash("md5");
    const handle = await open(path, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    const content = createReadStream(path, {
      end: Math.max(bytes - 1, 0),
      highWaterMark: readBytes,
    });
    for await (const piece of content as AsyncIterable<Buffer>) {
      sha256.update(piece);
      md5.update(piece);
    }
    const blob = { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
    await rename(path, this.#path(blob.sha256));
    await syncFolder(this.#folder);
    return blob;
  }

  #path(sha256: string): string {
    return join(this.#folder, sha256);
  }
}

async function fill(
  temporary: Temporary,
  content: AsyncIterable<Uint8Array>,
  most: number,
): Promise<Blob> {
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  let bytes = 0;
  for await (const piece of content) {
    if (bytes + piece.length > most) throw tooLarge(`The content has more than ${most} bytes`);
    sha256.update(piece);
    md5.update(piece);
    await writeAt(temporary.handle, piece, bytes);
    bytes += piece.length;
  }
  return { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
}

async function writeAt(
  handle: Temporary["handle"],
  piece: Uint8Array,
  offset: number,
): Promise<void> {
  for (let at = 0; at < piece.length;) {
    const { bytesWritten } = await handle.write(piece, at, piece.length - at, offset + at);
    at += bytesWritten;
  }
}
