import { Buffer } from "node:buffer";
import { isAbsolute, join } from "node:path";
import type { Context } from "../../../src/adapter.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { statusOf } from "../../../src/files/status_of.ts";

/** Hexadecimal digits of an MD5 digest. */
const md5Digits = 32;

/** Where the client keeps copies: a part of the recorded path, and what may stand before it now. */
const places = [
  { within: "/artifacts/staging/", variable: "WANDB_DATA_DIR" },
  { within: "/artifacts/obj/", variable: "WANDB_CACHE_DIR" },
  { within: "/artifacts/artifact_manifests/", variable: "WANDB_DATA_DIR" },
] as const;

/** The client's own places below the home directory, for data and for the cache. */
const homes: { readonly [variable: string]: readonly string[] } = {
  WANDB_DATA_DIR: [".local/share/wandb", "Library/Application Support/wandb"],
  WANDB_CACHE_DIR: [".cache/wandb", "Library/Caches/wandb"],
};

/**
 * Finds the copies that the client keeps of an artifact's files, outside the run directory: in its
 * staging area from 0.13.8 on, in its cache before. They are only looked for if the user allowed it;
 * a file that is not found keeps its recorded path, so that whoever asks for it learns what is lost.
 */
export class ArtifactCopies {
  readonly #context: Pick<Context, "environment" | "home" | "followOutside">;

  constructor(context: Pick<Context, "environment" | "home" | "followOutside">) {
    this.#context = context;
  }

  /** The file recorded at an absolute path, `bytes` long, with an MD5 digest in base64. */
  find(path: string, bytes?: number, digest?: string): FileRef {
    const size = bytes === undefined ? {} : { bytes };
    if (!this.#context.followOutside || isCopy(path, bytes)) return { path, ...size };
    const candidates = [...this.#candidates(path), ...this.#cached(digest)];
    const found = candidates.find((candidate) => isCopy(candidate, bytes));
    return { path: found ?? path, ...size };
  }

  #candidates(path: string): readonly string[] {
    const spelled = path.replaceAll("\\", "/");
    return places.flatMap(({ within, variable }) => {
      const at = spelled.lastIndexOf(within);
      if (at < 0) return [];
      return this.#roots(variable).map((root) => join(root, spelled.slice(at)));
    });
  }

  /** Where the cache has content of this digest: by its hexadecimal digits, the first two apart. */
  #cached(digest: string | undefined): readonly string[] {
    const hex = digest === undefined ? "" : Buffer.from(digest, "base64").toString("hex");
    if (hex.length !== md5Digits) return [];
    const within = join("artifacts", "obj", "md5", hex.slice(0, 2), hex.slice(2));
    return this.#roots("WANDB_CACHE_DIR").map((root) => join(root, within));
  }

  #roots(variable: string): readonly string[] {
    const { environment, home } = this.#context;
    const set = environment[variable];
    const usual = (homes[variable] ?? []).map((folder) => join(home, folder));
    return set === undefined ? usual : [set, ...usual];
  }
}

function isCopy(path: string, bytes: number | undefined): boolean {
  if (!isAbsolute(path)) return false;
  const status = statusOf(path);
  return status?.isFile() === true && (bytes === undefined || status.size === bytes);
}
