import { createHash } from "node:crypto";
import { SourceError } from "../errors.ts";
import type { RunFiles } from "../adapter.ts";
import type { FileRef, SourceEntry } from "../model/file.ts";
import type { RunInfo } from "../model/run.ts";
import type { FileTally } from "../model/tally.ts";
import type { Progress } from "./progress.ts";

/**
 * The files of a run as a destination sees them: each one that it reads to the end is hashed on
 * the way, so that a later read-back is compared with what was read, not with what was stored.
 */
export class WatchedFiles implements RunFiles {
  readonly info: RunInfo;
  /** What was read to its end, by path. */
  readonly tallies: Map<string, FileTally> = new Map();
  readonly #files: RunFiles;
  readonly #progress: Progress;
  readonly #maxFileSize: number;

  /** Files of more than `maxFileSize` bytes are refused. */
  constructor(
    files: RunFiles,
    progress: Progress,
    maxFileSize: number = Infinity,
  ) {
    this.info = files.info;
    this.#files = files;
    this.#progress = progress;
    this.#maxFileSize = maxFileSize;
  }

  entries(): AsyncIterable<SourceEntry> {
    return this.#files.entries();
  }

  stamp(): Promise<string> {
    return this.#files.stamp();
  }

  /** @throws {SourceError} as the run's own, and for files over the limit. */
  async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    if (ref.bytes !== undefined && ref.bytes > this.#maxFileSize) {
      throw this.#tooLarge(ref);
    }
    const stream = await this.#files.file(ref);
    const hash = createHash("sha256");
    let bytes = 0;
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.length;
        if (bytes > this.#maxFileSize) throw this.#tooLarge(ref);
        hash.update(chunk);
        this.#progress.bytes(chunk.length);
        controller.enqueue(chunk);
      },
      flush: () => {
        this.tallies.set(ref.path, { bytes, sha256: hash.digest("hex") });
        this.#progress.file();
      },
    });
    return stream.pipeThrough(watch);
  }

  #tooLarge(ref: FileRef): SourceError {
    return new SourceError(`${ref.path} is larger than --max-file-size`, {
      hint: "Raise --max-file-size to ferry it.",
    });
  }
}
