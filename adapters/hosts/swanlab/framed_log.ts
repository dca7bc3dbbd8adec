import { Buffer } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { constants } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { syncFolder } from "../../../src/files/durable_folder.ts";

/** In front of each payload: its length and a checksum, both 32 bits, little-endian. */
const headBytes = 8;
/** No frame is longer; a length beyond it is not one. */
const mostPayload = 1 << 28;
const readBytes = 1 << 20;

/** A place between two frames: where the next one begins, and the checksum before it. */
export interface Bookmark {
  readonly offset: number;
  readonly checksum: number;
}

/** Where a log begins. */
const beginning: Bookmark = { offset: 0, checksum: 0 };

/** A frame that was read. */
export interface Frame {
  /** A view that is valid until the next frame is asked for. */
  readonly payload: Buffer;
  readonly start: Bookmark;
}

interface Waiting {
  readonly payload: Uint8Array;
  resolve(start: Bookmark): void;
  reject(error: unknown): void;
}

/**
 * An append-only file of frames. Each checksum goes on from the one before it, so that what stands
 * behind the last whole frame, from a write that was cut short, is never taken for data. Frames
 * that are appended meanwhile share one sync.
 */
export class FramedLog {
  readonly #handle: FileHandle;
  #end: Bookmark;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  private constructor(handle: FileHandle, end: Bookmark) {
    this.#handle = handle;
    this.#end = end;
  }

  /**
   * Opens a log, or begins one, and hands every whole frame in it to `visit`. A torn end is passed
   * over: the next frame is written over it.
   */
  static async open(path: string, visit: (frame: Frame) => void): Promise<FramedLog> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      await syncFolder(dirname(path));
      let end = beginning;
      for await (const { frame, next } of frames(handle, beginning, (await handle.stat()).size)) {
        visit(frame);
        end = next;
      }
      return new FramedLog(handle, end);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Where the last frame ends, in bytes. */
  get length(): number {
    return this.#end.offset;
  }

  /** Changes with every frame that is appended. */
  get stamp(): string {
    return `${this.#end.offset}:${this.#end.checksum}`;
  }

  /**
   * Appends a frame; resolves to its place once it is safely on disk. Frames become durable, and
   * their promises resolve, in the order of the calls. When it fails nothing was appended.
   */
  append(payload: Uint8Array): Promise<Bookmark> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payload, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** The frames between two places between frames; by default all that there are now. */
  async *read(
    from: Bookmark = beginning,
    to: number = this.#end.offset,
  ): AsyncGenerator<Frame> {
    let at = from.offset;
    for await (const { frame, next } of frames(this.#handle, from, to)) {
      yield frame;
      at = next.offset;
    }
    if (at < to) throw new Error(`A log is damaged at byte ${at} of ${to}`);
  }

  /** Waits for what is being written, then closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeGroup(group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const starts: Bookmark[] = [];
    const pieces: Uint8Array[] = [];
    let end = this.#end;
    for (const { payload } of group) {
      starts.push(end);
      const head = Buffer.alloc(headBytes);
      head.writeUInt32LE(payload.length, 0);
      const checksum = crc32(payload, crc32(head.subarray(0, 4), end.checksum));
      head.writeUInt32LE(checksum, 4);
      pieces.push(head, payload);
      end = { offset: end.offset + headBytes + payload.length, checksum };
    }
    await this.#write(pieces, this.#end.offset);
    await this.#handle.datasync();
    this.#end = end;
    for (const [at, { resolve }] of group.entries()) resolve(starts[at] ?? end);
  }

  async #write(pieces: readonly Uint8Array[], offset: number): Promise<void> {
    const bytes = Buffer.concat(pieces);
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        at,
        bytes.length - at,
        offset + at,
      );
      at += bytesWritten;
    }
  }
}

/** The whole frames of a file between two places, with the place behind each. */
async function* frames(
  handle: FileHandle,
  from: Bookmark,
  to: number,
): AsyncGenerator<{ readonly frame: Frame; readonly next: Bookmark }> {
  let buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(to - from.offset, headBytes)));
  /** What of the file is in the buffer. */
  let first = from.offset;
  let held = 0;
  let start = from;
  const fill = async (needed: number): Promise<boolean> => {
    if (start.offset + needed <= first + held) return true;
    if (start.offset + needed > to) return false;
    const kept = buffer.subarray(start.offset - first, held);
    const target = needed > buffer.length ? Buffer.allocUnsafe(needed) : buffer;
    kept.copy(target);
    buffer = target;
    held = kept.length;
    first = start.offset;
    while (held < needed) {
      const { bytesRead } = await handle.read(buffer, held, buffer.length - held, first + held);
      if (bytesRead === 0) return false;
      held += bytesRead;
    }
    return true;
  };
  while (await fill(headBytes)) {
    const at = start.offset - first;
    const length = buffer.readUInt32LE(at);
    if (length === 0 || length > mostPayload || !await fill(headBytes + length)) return;
    const head = start.offset - first;
    const payload = buffer.subarray(head + headBytes, head + headBytes + length);
    const checksum = crc32(payload, crc32(buffer.subarray(head, head + 4), start.checksum));
    if (checksum !== buffer.readUInt32LE(head + 4)) return;
    const next = { offset: start.offset + headBytes + length, checksum };
    yield { frame: { payload, start }, next };
    start = next;
  }
}
