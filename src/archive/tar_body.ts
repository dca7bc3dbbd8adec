import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { DestinationError } from "../errors.ts";
import type { ArchiveEntry } from "./manifest.ts";
import { writing } from "./system_error.ts";
import { encodeHeader, endBytes, paddedBytes } from "./tar_header.ts";
import { createTemporary, cutTo, discard, type Temporary } from "./temporary.ts";

/** What is known of an entry before its content is read. */
export type NewEntry = Omit<ArchiveEntry, "sha256">;

const bufferBytes = 1 << 20;
const zeros: Buffer = Buffer.alloc(512);

/**
 * The entries of a tar on their way into a temporary file: all but the manifest, which comes first
 * in the tar and is known last. Room for it can be left in front.
 */
export class TarBody {
  /** What was added, in order. */
  readonly entries: ArchiveEntry[] = [];
  /** Bytes that were left free in front of the first entry. */
  readonly room: number;
  readonly #temporary: Temporary;
  readonly #buffer: Buffer = Buffer.allocUnsafe(bufferBytes);
  /** Where the file ends, and how much in the buffer comes behind that. */
  #written: number;
  #buffered = 0;
  #given = false;

  private constructor(temporary: Temporary, room: number) {
    this.#temporary = temporary;
    this.room = room;
    this.#written = room;
  }

  /** @throws {DestinationError} when no file can be made in the folder. */
  static async create(folder: string, room: number): Promise<TarBody> {
    return new TarBody(await createTemporary(folder), paddedBytes(room));
  }

  /** Where the last entry ends, in bytes from the beginning of the file. */
  get #end(): number {
    return this.#written + this.#buffered;
  }

  /** Adds a directory or a link. */
  async add(entry: NewEntry): Promise<void> {
    await this.#append(encodeHeader(entry));
    this.entries.push(entry);
  }

  /**
   * Adds a file and returns its entry, with the size that it really had. When reading `content`
   * fails, nothing is added and the error is thrown on.
   * @throws {DestinationError} when writing fails.
   */
  async addFile(
    expected: NewEntry,
    content: AsyncIterable<Uint8Array>,
  ): Promise<ArchiveEntry> {
    const start = this.#end;
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      await this.#append(encodeHeader(expected));
      for await (const piece of content) {
        hash.update(piece);
        bytes += piece.length;
        await this.#append(piece);
      }
    } catch (error) {
      this.#cutBack(start);
      throw error;
    }
    await this.#append(zeros.subarray(0, paddedBytes(bytes) - bytes));
    const entry = { ...expected, bytes, sha256: hash.digest("hex") };
    if (bytes !== expected.bytes) await this.#rewrite(start, entry);
    this.entries.push(entry);
    return entry;
  }

  /**
   * The whole tar with `front`, a multiple of 512 bytes, before the entries. In place when `front`
   * takes exactly the room that was left for it, else as a copy. No more can be added then, and
   * the temporary is the caller's.
   * @throws {DestinationError} when writing fails; nothing is left then.
   */
  async complete(front: Uint8Array): Promise<Temporary> {
    await this.#append(Buffer.alloc(endBytes));
    await this.#flush();
    if (front.length === this.room) {
      await this.#write(front, 0);
      await writing(this.#temporary.path, () => cutTo(this.#temporary, this.#written));
      this.#given = true;
      return this.#temporary;
    }
    const copy = await createTemporary(dirname(this.#temporary.path));
    try {
      await writeAt(copy, front, 0);
      for (let at = this.room; at < this.#written;) {
        const piece = await this.#readBack(at);
        await writeAt(copy, piece, front.length - this.room + at);
        at += piece.length;
      }
      return copy;
    } catch (error) {
      await discard(copy);
      throw error;
    }
  }

  /** Deletes the temporary file, unless `complete` gave it away. */
  async close(): Promise<void> {
    if (!this.#given) await discard(this.#temporary);
  }

  async #readBack(position: number): Promise<Uint8Array> {
    const { handle, path } = this.#temporary;
    const wanted = Math.min(bufferBytes, this.#written - position);
    const { bytesRead } = await writing(
      path,
      () => handle.read(this.#buffer, 0, wanted, position),
    );
    if (bytesRead === 0) {
      throw new DestinationError(`Cannot write ${path}: it became shorter`, {
        hint: "Run again when nothing else writes to that folder.",
      });
    }
    return this.#buffer.subarray(0, bytesRead);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#buffered + bytes.length > bufferBytes) await this.#flush();
    if (bytes.length > bufferBytes) {
      await this.#write(bytes, this.#written);
      this.#written += bytes.length;
      return;
    }
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  async #flush(): Promise<void> {
    if (this.#buffered === 0) return;
    await this.#write(this.#buffer.subarray(0, this.#buffered), this.#written);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  /** Forgets everything from a position on. */
  #cutBack(position: number): void {
    this.#buffered = Math.max(0, position - this.#written);
    this.#written = Math.min(position, this.#written);
  }

  /** Corrects the header at a position, which has the same length as the one there. */
  async #rewrite(position: number, entry: ArchiveEntry): Promise<void> {
    await this.#flush();
    await this.#write(encodeHeader(entry), position);
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    await writeAt(this.#temporary, bytes, position);
  }
}

async function writeAt(
  { handle, path }: Temporary,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  await writing(path, async () => {
    for (let at = 0; at < bytes.length;) {
      const length = bytes.length - at;
      const done = await handle.write(bytes, at, length, position + at);
      at += done.bytesWritten;
    }
  });
}
