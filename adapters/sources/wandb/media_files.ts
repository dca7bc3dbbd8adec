import { join } from "node:path";
import type { FileRef } from "../../../src/model/file.ts";
import type { Json } from "../../../src/model/json.ts";
import { given, numberOf, textOf } from "./json_fields.ts";
import { statusOf } from "../../../src/files/status_of.ts";

/**
 * Finds files that records name by their path below `files/`. Clients from 0.12.11 to 0.19.7 escape
 * `[`, `*` and `?` in such paths as in a glob pattern, and Windows clients may write backslashes;
 * both are undone where there is no file of the literal name.
 */
export class MediaFiles {
  readonly #root: string | undefined;

  /** `root` is the run directory; without one nothing is looked up. */
  constructor(root: string | undefined) {
    this.#root = root;
  }

  /** The path of a file, relative to the run directory. */
  locate(path: string): string {
    const literal = `files/${path}`;
    if (this.#root === undefined || !/[[\\]/.test(path) || this.size(literal) !== undefined) {
      return literal;
    }
    const unescaped = path.replace(/\[([[*?])\]/g, "$1");
    const spellings = [unescaped, path.replaceAll("\\", "/"), unescaped.replaceAll("\\", "/")]
      .map((spelling) => `files/${spelling}`);
    return spellings.find((spelling) => this.size(spelling) !== undefined) ??
      (path.includes("\\") ? spellings.at(-1) : undefined) ?? literal;
  }

  /** The file that a media value names; undefined when it names none. */
  named(value: Json): FileRef | undefined {
    const path = textOf(value, "path");
    if (path === undefined) return undefined;
    const size = numberOf(value, "size");
    const bytes = size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
    const sha256 = textOf(value, "sha256");
    return { path: this.locate(path), ...given({ bytes, sha256 }) };
  }

  /** Size of a plain file in bytes, links followed; undefined when there is none. */
  size(path: string): number | undefined {
    if (this.#root === undefined || !isInside(path)) return undefined;
    const status = statusOf(join(this.#root, path));
    return status?.isFile() === true ? status.size : undefined;
  }
}

/** Whether a path stays below the run directory by its spelling. */
function isInside(path: string): boolean {
  return !path.includes("\0") && path.split("/").every((part) => part !== "..");
}
