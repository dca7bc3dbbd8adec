import { type ByteSource, type OpenFile, openFile } from "./byte_source.ts";

/**
 * A file that somebody else still writes. It is open only between a read and the next `release`:
 * many can be followed at once, and a network file system shows new content to those who open anew.
 */
export class GrowingFile implements ByteSource, AsyncDisposable {
  readonly #path: string;
  #file: OpenFile | undefined;

  /** `path` is absolute. */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {SourceError} when it cannot be opened or read. */
  async read(into: Uint8Array, position: number): Promise<number> {
    this.#file ??= await openFile(this.#path);
    return await this.#file.read(into, position);
  }

  /** Closes the file until the next read. */
  async release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
