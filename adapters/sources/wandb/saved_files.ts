import { realpathSync } from "node:fs";
import { join } from "node:path";
import picomatch from "picomatch";
import type { RunFiles } from "../../../src/adapter.ts";
import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { SourceError } from "../../../src/errors.ts";
import { isInside } from "../../../src/files/walk.ts";
import type { FileEvent } from "../../../src/model/event.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import { given } from "./json_fields.ts";
import type { MediaFiles } from "./media_files.ts";
import { PathSet } from "./path_set.ts";
import type { RunEvents } from "./run_events.ts";
import { statusOf } from "../../../src/files/status_of.ts";

/** Files that the client writes for itself; other events have what is in them. */
const generated = new Set([
  ...["config.yaml", "wandb-summary.json", "wandb-metadata.json", "requirements.txt"],
  ...["conda-environment.yaml", "output.log"],
]);

const patch = /^(?:upstream_)?diff(?:_[0-9a-f]+)?\.patch$/;
const log = /^(?:logs\/)?output_[^/]*\.log$/;

/**
 * The files below `files/` that no other event names: those of `files` records, and what a walk
 * finds besides. Files of media values are left to these; a media file that no value names, as for
 * media in the summary and of TensorBoard, is passed on here.
 */
export class SavedFiles {
  readonly #root: string | undefined;
  readonly #events: RunEvents;
  readonly #files: MediaFiles;
  /** Paths that an event has named. */
  readonly #named = new PathSet();
  /** Recorded media files that are not there; the value that names them may come later. */
  readonly #missing: string[] = [];

  /** Recorded patterns, as older clients kept them; the walk finds the files. */
  readonly #patterns = new Map<string, (path: string) => boolean>();

  /** `root` is the run directory; without one there is nothing to walk. */
  constructor(root: string | undefined, events: RunEvents, files: MediaFiles) {
    this.#root = root;
    this.#events = events;
    this.#files = files;
  }

  /** Notes that an event names a file. */
  name(file: FileRef): void {
    this.#named.add(file.path);
  }

  /** Takes in a FilesRecord {1: files {1: path}}; policies and types only say when to upload. */
  record(reader: ProtobufReader): void {
    while (reader.next()) {
      if (reader.field === 1) this.#item(reader.message());
      else reader.skip();
    }
  }

  #item(reader: ProtobufReader): void {
    let name = "";
    while (reader.next()) {
      if (reader.field === 1) name = reader.string();
      else reader.skip();
    }
    if (name === "" || generated.has(name)) return;
    const path = this.#files.locate(name);
    const bytes = this.#files.size(path);
    if (bytes === undefined && /[*?[]/.test(path)) {
      this.#patterns.set(path, picomatch(path, { dot: true }));
    } else if (!path.startsWith("files/media/")) this.#add({ path, ...given({ bytes }) });
    else if (bytes === undefined) this.#missing.push(path);
  }

  /** Passes on what is left: media that nothing named, and what only the walk finds. */
  async finish(run: Pick<RunFiles, "entries">): Promise<void> {
    for (const path of this.#missing) this.#add({ path });
    if (this.#root !== undefined) await this.#walk(this.#root, run);
    // What nothing matches was no pattern, or named nothing: either way it is not there.
    for (const path of this.#patterns.keys()) this.#add({ path });
  }

  async #walk(root: string, run: Pick<RunFiles, "entries">): Promise<void> {
    try {
      for await (const entry of run.entries()) {
        for (const [pattern, matches] of this.#patterns) {
          if (matches(entry.path)) this.#patterns.delete(pattern);
        }
        this.#found(root, entry);
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#events.gap(0, 0, error.message);
    }
  }

  #found(root: string, { path, kind, bytes }: SourceEntry): void {
    if (path === "files" && kind === "link") {
      this.#events.gap(0, 0, "files is a link, which is not followed");
    }
    const name = path.slice("files/".length);
    if (!path.startsWith("files/") || kind === "directory" || generated.has(name)) return;
    if (kind === "link" && isWalked(root, path)) return;
    this.#add({ path, ...(kind === "file" ? { bytes } : {}) });
  }

  #add(file: FileRef): void {
    if (!this.#named.add(file.path)) return;
    const seq = this.#events.next();
    const name = file.path.slice("files/".length);
    this.#events.add({ type: "file", seq, name, file, purpose: purposeOf(name) });
  }
}

/** Whether a link leads to a directory that the walk comes to anyway. */
function isWalked(root: string, path: string): boolean {
  const link = join(root, path);
  if (statusOf(link)?.isDirectory() !== true) return false;
  return isInside(realpathSync(link), join(realpathSync(root), "files"));
}

function purposeOf(name: string): FileEvent["purpose"] {
  if (name.startsWith("code/") || patch.test(name)) return "code";
  if (name.startsWith("media/")) return "other";
  return log.test(name) ? "log" : "saved";
}
