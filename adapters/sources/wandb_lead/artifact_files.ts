import { Buffer } from "node:buffer";
import { isAbsolute, join } from "node:path";
import type { Context, RunFiles } from "../../../src/adapter.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import type { FileRef } from "../../../src/model/file.ts";

/** What stands in the path of every staged or cached copy of an artifact's file. */
const marker = "/artifacts/";

/**
 * Opens the files of a run. Content of offline artifacts lies outside the run directory, in the
 * client's staging folder (0.13.8 and later) or cache (before); when it is gone from where the log
 * says, it is looked for where these folders are now, by name and by digest. Outside files need
 * `followOutside`.
 */
export class ArtifactFiles {
  readonly #files: Pick<RunFiles, "file">;
  readonly #context: Context;
  /** MD5 in base64 by path, as the log's artifacts tell it; what is cached is named by it. */
  digests: ReadonlyMap<string, string> = new Map();

  constructor(files: Pick<RunFiles, "file">, context: Context) {
    this.#files = files;
    this.#context = context;
  }

  /** @throws {SourceError} as the run directory's own; for the path that the log names. */
  async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    try {
      return await this.#files.file(ref);
    } catch (error) {
      if (!isGone(error) || !isAbsolute(ref.path)) throw error;
      const moved = await this.#moved(ref);
      if (moved === undefined) throw error;
      return moved;
    }
  }

  async #moved(ref: FileRef): Promise<ReadableStream<Uint8Array> | undefined> {
    for (const path of this.#places(ref.path)) {
      try {
        return await this.#files.file({ ...ref, path });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    return undefined;
  }

  /** Where else the content of a path may be. */
  #places(path: string): readonly string[] {
    const at = path.lastIndexOf(marker);
    const hash = Buffer.from(this.digests.get(path) ?? "", "base64").toString("hex");
    const names = [
      ...(at < 0 ? [] : [path.slice(at)]),
      ...(hash.length === 32 ? [`${marker}obj/md5/${hash.slice(0, 2)}/${hash.slice(2)}`] : []),
    ];
    return names.flatMap((name) => this.#folders().map((folder) => join(folder, name)));
  }

  /** Where the client keeps data and cache on this machine, on Linux or macOS. */
  #folders(): readonly string[] {
    const { environment, home } = this.#context;
    const library = join(home, "Library");
    const data = environment["WANDB_DATA_DIR"];
    const cache = environment["WANDB_CACHE_DIR"];
    return [
      ...(data === undefined
        ? [join(home, ".local/share/wandb"), join(library, "Application Support/wandb")]
        : [data]),
      ...(cache === undefined
        ? [join(home, ".cache/wandb"), join(library, "Caches/wandb")]
        : [cache]),
    ];
  }
}

function isGone(error: unknown): boolean {
  return error instanceof SourceError && systemCode(error.cause) === "ENOENT";
}
