import { lstatSync } from "node:fs";
import { join } from "node:path";
import { SourceError, systemCode } from "../../../src/errors.ts";
import { listTree } from "../../../src/files/list_tree.ts";
import type { FileRef } from "../../../src/model/file.ts";
import type { EventBatch } from "./event_batch.ts";
import type { SaveMessage } from "./protobuf_messages.ts";
import { statusOf } from "../../../src/files/status_of.ts";
import { withTime } from "./timestamp.ts";

/** Files in `files/` that the client writes for itself. */
const own = new Set([
  "config.yaml",
  "swanlab-metadata.json",
  "requirements.txt",
  "conda.yaml",
]);

/**
 * The files that the user saved with the run. A record names a file by its path on the training
 * machine; the run directory has a link to it, or a copy where links failed, at `files/<name>`.
 * That is looked up first, then the recorded path if we may go outside, then a copy by base name,
 * which is all that is left when a directory was moved by hand. What is nowhere keeps the recorded
 * path, so that whoever asks for it learns what is lost.
 */
export class SavedFiles {
  readonly #root: string | undefined;
  readonly #batch: EventBatch;
  readonly #followOutside: boolean;
  /** Paths below `files/` that an event has named. */
  readonly #named = new Set<string>();

  /** `root` is the run directory; without one there are no files but those outside. */
  constructor(
    root: string | undefined,
    batch: EventBatch,
    followOutside: boolean,
  ) {
    this.#root = root;
    this.#batch = batch;
    this.#followOutside = followOutside;
  }

  /** Passes on the file that a record names. */
  record(save: SaveMessage, time: number | undefined): void {
    const file = this.#find(save);
    this.#add(save.name, file, time);
  }

  /**
   * Passes on what lies in `files/` without a record: everything in JSON logs, and what a crash
   * left behind. `replaced` are own files of the client that a user's file has taken the place of.
   */
  async rest(replaced: ReadonlySet<string>): Promise<void> {
    if (this.#root === undefined) return;
    const files = join(this.#root, "files");
    if (statusOf(files)?.isDirectory() !== true) return;
    if (isLink(files)) return this.#gap("files is a link, which is not followed");
    try {
      for await (const { entry } of listTree(files)) {
        const { path, kind, bytes } = entry;
        if (this.#named.has(path)) continue;
        if (own.has(path) && !replaced.has(path)) continue;
        const found: FileRef = { path: `files/${path}`, bytes };
        if (kind === "file") this.#add(path, found, undefined);
        else if (kind === "link" && !this.#leadsToDirectory(found.path)) {
          this.#add(path, { path: found.path }, undefined);
        }
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#gap(error.message);
    }
  }

  #gap(reason: string): void {
    this.#batch.add({ type: "gap", seq: this.#batch.next(), offset: 0, bytes: 0, reason });
  }

  #add(name: string, file: FileRef, time: number | undefined): void {
    this.#batch.add({
      type: "file",
      seq: this.#batch.next(),
      ...withTime(time),
      name,
      file,
      purpose: "saved",
    });
  }

  #find(save: SaveMessage): FileRef {
    const { name, sourcePath } = save;
    const parts = name.split(/[/\\]/);
    for (const path of new Set([name, parts.join("/")])) {
      this.#named.add(path);
      const file = this.#look(path);
      if (file !== undefined) return file;
    }
    const outside = { path: sourcePath === "" ? `files/${name}` : sourcePath };
    if (this.#followOutside && statusOf(sourcePath)?.isFile() === true) {
      return outside;
    }
    const base = parts.at(-1) ?? "";
    const copy = this.#look(base);
    if (copy === undefined) return outside;
    this.#named.add(base);
    return copy;
  }

  /** The file at `path` below `files/`, which may be a link; undefined when there is none. */
  #look(path: string): FileRef | undefined {
    if (this.#root === undefined || !isOrdinary(path)) return undefined;
    const status = statusOf(join(this.#root, "files", path));
    if (status?.isFile() !== true) return undefined;
    return { path: `files/${path}`, bytes: status.size };
  }

  #leadsToDirectory(path: string): boolean {
    if (this.#root === undefined) return false;
    return statusOf(join(this.#root, path))?.isDirectory() === true;
  }
}

/** Whether a path below `files/` is one of a user's file, and cannot lead elsewhere. */
function isOrdinary(path: string): boolean {
  return !own.has(path) && !path.includes("\0") &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
