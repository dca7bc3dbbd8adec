import type { Loss, RunFiles } from "../../../src/adapter.ts";
import { AbsentFileError, SourceError } from "../../../src/errors.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import type { ArchiveEntry } from "../../../src/archive/manifest.ts";
import { fileEntryPath, isPlainPath } from "../../../src/archive/names.ts";
import type { TarBody } from "../../../src/archive/tar_body.ts";

/**
 * Writes the files of a run into a tar, each once: under `source/` what lies in the run directory,
 * if that is kept, and under `files/` what only events name.
 */
export class FileSink {
  /** The path of the entry that holds a file, by the path that events give it. */
  readonly paths: Map<string, string> = new Map();
  readonly #body: TarBody;
  readonly #run: RunFiles;
  /** Why a file that events name cannot be had, by path. */
  readonly #refused = new Map<string, Refusal>();
  readonly #listed: ReadonlyMap<string, SourceEntry>;
  /** What `source/` holds already, by path, as it was listed. */
  readonly #stored = new Map<string, SourceEntry>();

  /** `listed` are the plain files of the run directory, if that is to be kept. */
  constructor(
    body: TarBody,
    run: RunFiles,
    listed: ReadonlyMap<string, SourceEntry>,
  ) {
    this.#body = body;
    this.#run = run;
    this.#listed = listed;
  }

  /** Stores a file that the event `seq` names, unless it is stored; says what became of it. */
  async store(ref: FileRef, seq: number): Promise<readonly Loss[]> {
    const { path } = ref;
    const refused = this.#refused.get(path);
    if (refused !== undefined) return [lost(refused, path, seq)];
    if (this.paths.has(path)) return [];
    const listed = this.#listed.get(path);
    const target = listed === undefined ? fileEntryPath(path) : `source/${path}`;
    const stored = await this.#add(target, ref, listed);
    if ("reason" in stored) {
      this.#refused.set(path, stored);
      return [lost(stored, path, seq)];
    }
    this.paths.set(path, target);
    if (listed === undefined) return [];
    this.#stored.set(path, listed);
    return stored.bytes === listed.bytes ? [] : [changed(path, seq)];
  }

  /** Stores the rest of the run directory. */
  async storeSource(): Promise<readonly Loss[]> {
    const losses: Loss[] = [];
    const seen = new Set<string>();
    try {
      for await (const entry of this.#run.entries()) {
        if (seen.has(entry.path)) continue;
        seen.add(entry.path);
        losses.push(...await this.#storeEntry(entry));
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      losses.push(lost(refusal(error, ""), this.#run.info.path));
    }
    return losses;
  }

  async #storeEntry(entry: SourceEntry): Promise<readonly Loss[]> {
    const { path, kind } = entry;
    if (!isPlainPath(path)) {
      return [lost({ kind: "rejected", reason: "the path is not plain" }, path)];
    }
    // Counted already, as the loss of the event that names it.
    if (this.#refused.has(path)) return [];
    const target = `source/${path}`;
    const stored = this.#stored.get(path);
    if (stored !== undefined) {
      const same = stored.bytes === entry.bytes &&
        stored.modified === entry.modified;
      return same ? [] : [changed(path)];
    }
    if (kind === "other") return [unsupported(path)];
    if (kind !== "file") {
      await this.#body.add({ ...entry, kind, path: target, bytes: 0 });
      return [];
    }
    const { bytes } = entry;
    const added = await this.#add(target, { path, bytes }, entry);
    if ("reason" in added) return [lost(added, path)];
    return added.bytes === bytes ? [] : [changed(path)];
  }

  /** The entry that was added, or why the file could not be read. */
  async #add(
    target: string,
    ref: FileRef,
    listed: SourceEntry | undefined,
  ): Promise<ArchiveEntry | Refusal> {
    try {
      const content = await this.#run.file(ref);
      return await this.#body.addFile({
        path: target,
        kind: "file",
        bytes: listed?.bytes ?? ref.bytes ?? 0,
        mode: listed?.mode ?? 0o644,
        modified: listed?.modified ?? this.#run.info.startedAt ?? 0,
      }, content);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return refusal(error, ref.path);
    }
  }
}

/**
 * The plain files of a run directory by path. What cannot be listed is left out here, and counted
 * as lost when the directory is stored.
 */
export async function listFiles(run: RunFiles): Promise<Map<string, SourceEntry>> {
  const listed = new Map<string, SourceEntry>();
  try {
    for await (const entry of run.entries()) {
      if (entry.kind === "file" && isPlainPath(entry.path)) listed.set(entry.path, entry);
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return listed;
  }
  return listed;
}

/** Why a file is not stored. */
interface Refusal {
  /** `unsupported` when the run does not have it, `rejected` when it could not be read. */
  readonly kind: "unsupported" | "rejected";
  readonly reason: string;
}

/** The error as a phrase that is the same for all files: without its path. */
function refusal(error: SourceError, path: string): Refusal {
  const { message } = error;
  const kind = error instanceof AbsentFileError ? "unsupported" : "rejected";
  if (message.startsWith("Cannot read ")) {
    return { kind, reason: message.slice(message.lastIndexOf(": ") + 2) };
  }
  return { kind, reason: path === "" ? message : message.replaceAll(path, "the file") };
}

function lost({ kind, reason }: Refusal, example: string, seq?: number): Loss {
  return {
    ...(seq === undefined ? {} : { seq }),
    kind,
    reason: `file not read: ${reason}`,
    example,
  };
}

function changed(example: string, seq?: number): Loss {
  return {
    ...(seq === undefined ? {} : { seq }),
    kind: "truncated",
    reason: "changed while it was read",
    example,
  };
}

function unsupported(example: string): Loss {
  return {
    kind: "unsupported",
    reason: "neither a file nor a directory nor a link",
    example,
  };
}
