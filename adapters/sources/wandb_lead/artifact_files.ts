import { isAbsolute, join } from "node:path";
import type { Context, RunFiles } from "../../../src/adapter.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import type { FileRef } from "../../../src/model/file.ts";

/** What stands in the path of every staged or cached copy of an artifact's file. */
const marker = "/artifacts/";

/**
 * Opens the files of a run. Content of offline artifacts lies outside the run directory, in the
 * client's staging folder (0.13.8 and later) or cache (before); when it is gone from where the log
 * says, it is looked for where these folders are now. Outside files need `followOutside`.
 */
export class ArtifactFiles {
  readonly #files: Pick<RunFiles, "file">;
  readonly #context: Context;

  constructor(files: Pick<RunFiles, "file">, context: Context) {
    this.#files = files;
    this.#context = context;
  }

  /** @throws {SourceError} as the run directory's own; for the path that the log names. */
  async file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    try {
      return await this.#files.file(ref);
    } catch (error) {
      const isGone = error instanceof SourceError && systemCode(error.cause) === "ENOENT";
      if (!isGone || !isAbsolute(ref.path)) throw error;
      const moved = await this.#moved(ref);
      if (moved === undefined) throw error;
      return moved;
    }
  }

  async #moved(ref: FileRef): Promise<ReadableStream<Uint8Array> | undefined> {
    const at = ref.path.lastIndexOf(marker);
    if (at < 0) return undefined;
    for (const folder of this.#folders()) {
      try {
        return await this.#files.file({ ...ref, path: join(folder, ref.path.slice(at)) });
      } catch (error) {
        if (!(error instanceof SourceError) || systemCode(error.cause) !== "ENOENT") throw error;
      }
    }
    return undefined;
  }

  /** Where the client keeps data and cache on this machine. */
  #folders(): readonly string[] {
    const { environment, home } = this.#context;
    return [
      environment["WANDB_DATA_DIR"] ?? join(home, ".local", "share", "wandb"),
      environment["WANDB_CACHE_DIR"] ?? join(home, ".cache", "wandb"),
    ];
  }
}
