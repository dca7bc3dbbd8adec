import { Buffer } from "node:buffer";
import { closeSync, openSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

const blockBytes = 32 * 1024;
const headerBytes = 7;
const kinds = { full: 1, first: 2, middle: 3, last: 4 } as const;
const seeds = [0, 1, 2, 3, 4].map((kind) => crc32(Uint8Array.of(kind)));
const bufferBytes = 1024 * 1024;

/** Writes records in the LevelDB log layout that both trackers use, streamed to disk. */
export class LogFile implements Disposable {
  /** Size of the file so far, in bytes. */
  size = 0;
  records = 0;
  readonly #file: number;
  readonly #buffer = Buffer.alloc(bufferBytes);
  #used = 0;

  /** Creates the file; `magic` is its 7-byte header. */
  constructor(path: string, magic: Uint8Array) {
    this.#file = openSync(path, "wx");
    this.#put(magic);
  }

  /** Appends one record. */
  write(record: Uint8Array): void {
    this.records++;
    let left = blockBytes - this.size % blockBytes;
    if (left < headerBytes) {
      this.#put(Buffer.alloc(left));
      left = blockBytes;
    }
    if (record.length + headerBytes <= left) {
      this.#chunk(kinds.full, record);
      return;
    }
    let at = left - headerBytes;
    this.#chunk(kinds.first, record.subarray(0, at));
    for (; record.length - at > blockBytes - headerBytes; at += blockBytes - headerBytes) {
      this.#chunk(kinds.middle, record.subarray(at, at + blockBytes - headerBytes));
    }
    this.#chunk(kinds.last, record.subarray(at));
  }

  [Symbol.dispose](): void {
    this.#flush();
    closeSync(this.#file);
  }

  #chunk(kind: number, payload: Uint8Array): void {
    const header = Buffer.allocUnsafe(headerBytes);
    header.writeUInt32LE(crc32(payload, seeds[kind]));
    header.writeUInt16LE(payload.length, 4);
    header[6] = kind;
    this.#put(header);
    this.#put(payload);
  }

  #put(bytes: Uint8Array): void {
    if (this.#used + bytes.length > bufferBytes) this.#flush();
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
    this.size += bytes.length;
  }

  #flush(): void {
    for (let at = 0; at < this.#used;) {
      at += writeSync(this.#file, this.#buffer, at, this.#used - at);
    }
    this.#used = 0;
  }
}
