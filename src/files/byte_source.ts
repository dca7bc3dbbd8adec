import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { AbsentFileError, SourceError, systemCode } from "../errors.ts";

/** Bytes that can be read at any position. */
export interface ByteSource {
  /**
   * Reads into the front of `into` from `position` on and tells how many bytes it got: at least one
   * while there are any, 0 at the end.
   */
  read(into: Uint8Array, position: number): Promise<number>;
}

/** An open plain file. `size` is its length in bytes when it was opened; it may change. */
export interface OpenFile extends ByteSource, AsyncDisposable {
  readonly size: number;
}

/** Never waits for the other end of a FIFO. */
const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

const hints: { readonly [code: string]: string } = {
  ENOENT: "Check the path; the file may have been moved or deleted meanwhile.",
  EACCES: "Ask its owner for permission to read it, or run as its owner.",
  EPERM: "Ask its owner for permission to read it, or run as its owner.",
  EISDIR: "Name a file inside that directory instead.",
  ENOTDIR: "Check the path; a part of it is not a directory.",
  ESTALE: "The network file system lost the file; try again.",
  EIO: "The disk reports an error; copy the file elsewhere and try again.",
  ELOOP: "Its links lead in a circle; name the real path instead.",
  ENAMETOOLONG: "Check the path; a part of it is too long for the file system.",
  EMFILE: "Too many files are open; read fewer runs at once.",
};

const words: { readonly [code: string]: string } = {
  ENOENT: "it is missing",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  ESTALE: "the file handle is stale",
  EIO: "input/output error",
  ELOOP: "too many links, or a link that must not be followed",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many open files",
};

/** Turns a failed system call on `path` into a SourceError; anything else is a bug and is thrown on. */
export function fileError(path: string, error: unknown): SourceError {
  const code = systemCode(error);
  if (code === undefined) throw error;
  const hint = hints[code];
  const Kind = code === "ENOENT" ? AbsentFileError : SourceError;
  return new Kind(`Cannot read ${path}: ${words[code] ?? code}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The error for what is neither a file nor a directory, or must be a file and is none. */
export function notPlain(path: string): SourceError {
  return new SourceError(`Cannot read ${path}: it is not a plain file`, {
    hint: "Only plain files are read; directories, devices, FIFOs and sockets are not.",
  });
}

/**
 * Opens a plain file for reading only. Links are followed, and opening never blocks.
 * @throws {SourceError} when it cannot be opened or is not a plain file.
 */
export async function openFile(path: string): Promise<OpenFile> {
  const handle = await openHandle(path, 0);
  try {
    const { size } = await plainStatus(path, handle);
    return new PlainFile(path, handle, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens `path` for reading without ever blocking; `flags` are added to the open flags.
 * @throws {SourceError} when it cannot be opened.
 */
export async function openHandle(
  path: string,
  flags: number,
): Promise<FileHandle> {
  try {
    return await open(path, readOnly | flags);
  } catch (error) {
    // A socket cannot be opened at all, nor can a device without a driver.
    if (systemCode(error) === "ENXIO") throw notPlain(path);
    throw fileError(path, error);
  }
}

/** What identifies an open file: device, inode and size in bytes. */
export interface FileStatus {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: number;
}

/**
 * The status of an open file.
 * @throws {SourceError} when it is not a plain file.
 */
export async function plainStatus(
  path: string,
  handle: FileHandle,
): Promise<FileStatus> {
  const status = await handle.stat({ bigint: true });
  if (!status.isFile()) throw notPlain(path);
  return {
    device: status.dev,
    inode: status.ino,
    size: Number(status.size),
  };
}

class PlainFile implements OpenFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly size: number;

  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.size = size;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    if (into.length === 0) return 0;
    try {
      const done = await this.#handle.read(into, 0, into.length, position);
      return done.bytesRead;
    } catch (error) {
      throw fileError(this.#path, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
