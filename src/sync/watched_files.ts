import { createHash } from "node:crypto";
import type { RunFiles } from "../adapter.ts";
import { AbsentFileError } from "../errors.ts";
import type { FileRef, SourceEntry } from "../model/file.ts";
import type { RunInfo } from "../model/run.ts";
import type { FileTally } from "../model/tally.ts";
import { type Excluded, rangeText } from "./exclude.ts";
import type { Progress } from "./progress.ts";

/** What the user wants of a run. */
export interface Wishes {
  readonly excluded: Excluded;
  /** In bytes; larger files are counted as lost. */
  readonly maxFileSize?: number;
  readonly followOutside: boolean;
}

/** What is wanted otherwise than usual, a text for each wish; equal wishes, equal texts. */
export function wishTexts(
  { excluded, maxFileSize, followOutside }: Wishes,
): readonly string[] {
  return [
    ...(excluded.console ? ["no console"] : []),
    ...(excluded.media ? ["no media"] : []),
    ...(excluded.range === undefined ? [] : [rangeText(excluded.range)]),
    ...(maxFileSize === undefined ? [] : [`at most ${maxFileSize}`]),
    ...(followOutside ? ["outside"] : []),
  ];
}

/** All that lies in the run directory. */
export const wholeRun: Wishes = {
  excluded: { console: false, media: false },
  followOutside: false,
};

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
  readonly #wishes: Wishes;

  constructor(files: RunFiles, progress: Progress, wishes: Wishes) {
    this.info = files.info;
    this.#files = files;
    this.#progress = progress;
    this.#wishes = wishes;
  }

  entries(): AsyncIterable<SourceEntry> {
    return this.#files.entries();
  }

  /** The state of the source, and of what the user wants of it where that is not all. */
  async stamp(): Promise<string> {
    const stamp = await this.#files.stamp();
    const special = wishTexts(this.#wishes);
    if (special.length === 0) return stamp;
    return createHash("sha256").update(stamp).update(special.join()).digest("hex");
  }

  /** @throws {SourceError} as the run's own, and for files over the limit. */
  async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    const { maxFileSize = Infinity } = this.#wishes;
    if (ref.bytes !== undefined && ref.bytes > maxFileSize) throw tooLarge(ref);
    const content = (await this.#files.file(ref)).getReader();
    const hash = createHash("sha256");
    let bytes = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await content.read();
        if (done) {
          this.tallies.set(ref.path, { bytes, sha256: hash.digest("hex") });
          this.#progress.file();
          controller.close();
          return;
        }
        bytes += value.length;
        if (bytes > maxFileSize) {
          await content.cancel();
          throw tooLarge(ref);
        }
        hash.update(value);
        this.#progress.bytes(value.length);
        controller.enqueue(value);
      },
      cancel: (reason) => content.cancel(reason),
    }, { highWaterMark: 0 });
  }
}

function tooLarge(ref: FileRef): AbsentFileError {
  return new AbsentFileError(`Cannot read ${ref.path}: it is larger than --max-file-size`, {
    hint: "Raise --max-file-size to ferry it.",
  });
}
