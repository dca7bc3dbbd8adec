import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../../../src/adapter.ts";
import { DestinationError, SourceError, systemCode } from "../../../src/errors.ts";
import { contentHash, type Manifest } from "../../../src/archive/manifest.ts";
import { ArchiveReader } from "../../../src/archive/reader.ts";
import { destinationError, writing } from "../../../src/archive/system_error.ts";
import { makeFolder } from "../../../src/files/durable_folder.ts";
import { publish, removeLeftovers, type Temporary } from "../../../src/archive/temporary.ts";

/** An archive that is there already. */
export interface Shelved {
  /** Absolute path of the tar. */
  readonly path: string;
  readonly manifest: Manifest;
}

/**
 * One project's folder of tars. It is listed once; what others add meanwhile is met when a name
 * turns out to be taken.
 */
export class Shelf {
  readonly folder: string;
  /** The tars by name, without their ending and, once more, without a suffix. */
  readonly #files = new Map<string, string[]>();

  private constructor(folder: string, files: readonly string[]) {
    this.folder = folder;
    for (const file of files) this.#list(file);
  }

  /** Lists a folder, which need not exist, and tidies up what dead processes left there. */
  static async open(folder: string, context: Context): Promise<Shelf> {
    try {
      await removeLeftovers(folder, context.now());
      return new Shelf(folder, await readdir(folder));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return new Shelf(folder, []);
      throw destinationError(folder, error);
    }
  }

  /** Makes the folder. */
  async make(): Promise<void> {
    await writing(this.folder, () => makeFolder(this.folder));
  }

  /** All archives of one run under this name, with a suffix or without. */
  async ofRun(name: string, id: string): Promise<readonly Shelved[]> {
    const found: Shelved[] = [];
    // Another process may have put the run here since the folder was listed.
    const files = new Set([`${name}.tar`, ...this.#files.get(name) ?? []]);
    for (const file of [...files].toSorted()) {
      const path = join(this.folder, file);
      const manifest = await readManifest(path);
      if (manifest?.run.id === id) found.push({ path, manifest });
    }
    return found;
  }

  /**
   * Publishes a temporary under a name, or with the suffix where the name is taken. `added` is false
   * when the same content is there already; `temporary` is then kept.
   */
  async add(
    temporary: Temporary,
    name: string,
    content: string,
    same: (manifest: Manifest) => boolean,
  ): Promise<{ readonly path: string; readonly added: boolean }> {
    for (const file of [`${name}.tar`, `${name}~${content.slice(0, 8)}.tar`]) {
      const path = join(this.folder, file);
      if (await publish(temporary, path, false)) {
        this.#list(file);
        return { path, added: true };
      }
      const there = await readManifest(path);
      if (there !== undefined && same(there)) return { path, added: false };
    }
    throw new DestinationError(
      `Cannot write ${name} to ${this.folder}: other runs have all its names`,
      { hint: "Choose another project or another archive folder." },
    );
  }

  #list(file: string): void {
    const [, name, plain] = /^((.*)~[0-9a-f]{8}|.*)\.tar$/s.exec(file) ?? [];
    for (const key of [name, plain]) {
      if (key !== undefined) this.#files.set(key, [...this.#files.get(key) ?? [], file]);
    }
  }
}

/** Whether an archive is still what it was when it was found. */
export async function isUnchanged({ path, manifest }: Shelved): Promise<boolean> {
  const now = await readManifest(path);
  return now !== undefined && contentHash(now) === contentHash(manifest);
}

/** The manifest of a tar; undefined when it is not an archive that can be read. */
async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    await using reader = await ArchiveReader.open(path);
    return reader.manifest;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}
