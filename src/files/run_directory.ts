import { createHash, type Hash } from "node:crypto";
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AbsentFileError, SourceError } from "../errors.ts";
import type { FileRef, SourceEntry } from "../model/file.ts";
import { fileError } from "./byte_source.ts";
import { listTree, type TreeEntry } from "./list_tree.ts";
import { isOurMark } from "./mark.ts";
import { openInside } from "./open_inside.ts";
import { streamFile } from "./stream_file.ts";

/** The files of a run directory, or of a lone file that is a run. */
export interface RunDirectory {
  /**
   * Everything below the directory, in byte order of the paths; links are not followed.
   * @throws {SourceError} after everything readable, when a directory or a name could not be read.
   */
  entries(): AsyncIterable<SourceEntry>;
  /**
   * The content of a file. `ref.path` is relative to the directory, or absolute with
   * `followOutside`.
   * @throws {SourceError} when it is missing, unreadable, not a plain file, or outside without
   * `followOutside`. The stream fails with one when the file is cut short while it is read.
   */
  file(ref: FileRef): Promise<ReadableStream<Uint8Array>>;
  /**
   * SHA-256 over the paths, kinds, sizes, modification times and link targets of all entries. What
   * cannot be read counts as such.
   * @throws {SourceError} when the directory itself is missing.
   */
  stamp(): Promise<string>;
}

/** How a run directory is looked at. */
export interface RunDirectoryOptions {
  readonly followOutside: boolean;
  /** Absolute path of a mark that is no part of the run if it {@link isOurMark is ours}. */
  readonly mark?: string;
}

/** Gives access to the files at `path`, which is looked at when they are first asked for. */
export function runDirectory(path: string, options: RunDirectoryOptions): RunDirectory {
  let found: Promise<Root> | undefined;
  const root = (): Promise<Root> => found ??= findRoot(path);
  return {
    async *entries(): AsyncGenerator<SourceEntry, void, undefined> {
      for await (const { entry } of contents(await root(), options.mark)) yield entry;
    },
    async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
      const { directory, only } = await root();
      const { followOutside } = options;
      const inside = only === undefined || ref.path === only;
      if (!inside && !followOutside) throw outsideLoneFile(ref.path, path);
      return streamFile(await openInside(directory, ref.path, followOutside));
    },
    async stamp(): Promise<string> {
      const entries = contents(await root(), options.mark);
      const hash = createHash("sha256");
      try {
        await hashEntries(entries, hash);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        hash.update(error.message);
      }
      return hash.digest("hex");
    },
  };
}

async function hashEntries(entries: AsyncIterable<TreeEntry>, hash: Hash): Promise<void> {
  for await (const { entry, modified } of entries) {
    const { path, kind, bytes, target } = entry;
    hash.update(JSON.stringify([path, kind, bytes, `${modified}`, target]) + "\n");
  }
}

interface Root {
  /** Absolute and free of links. */
  readonly directory: string;
  /** Name of the lone file in it that is the run. */
  readonly only?: string;
}

async function findRoot(path: string): Promise<Root> {
  try {
    const real = await realpath(path);
    if ((await lstat(real)).isDirectory()) return { directory: real };
    return { directory: dirname(real), only: basename(real) };
  } catch (error) {
    throw fileError(path, error);
  }
}

async function* contents(
  { directory, only }: Root,
  mark: string | undefined,
): AsyncGenerator<TreeEntry, void, undefined> {
  for await (const found of listTree(directory, only)) {
    const isMark = mark !== undefined && join(directory, found.entry.path) === mark &&
      isOurMark(found.entry);
    if (!isMark) yield found;
  }
}

function outsideLoneFile(path: string, run: string): AbsentFileError {
  return new AbsentFileError(
    `Cannot read ${path}: the run is the lone file ${run}, and this is outside it`,
    {
      hint: "Copy the whole run directory, or allow it with --follow-outside.",
    },
  );
}
