import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** Room for a suffix and ".tar" in the 255 bytes that file systems give a name. */
const longestName = 240;

/**
 * A name for a file or folder, the same every time: separators, control characters and names that
 * mean a folder are replaced, an overlong one is cut and gets a hash of the whole.
 * @param fallback stands for an empty name.
 */
export function plainName(name: string, fallback: string): string {
  const plain = name.toWellFormed().replace(/[/\\\p{Cc}]/gu, "_")
    .replace(/^\.+$/, (dots) => "_".repeat(dots.length));
  if (plain === "") return fallback;
  if (Buffer.byteLength(plain) <= longestName) return plain;
  return `${cut(plain, longestName - 9)}-${shortHash(name)}`;
}

/** The first bytes of a text, ending with a whole character. */
function cut(text: string, bytes: number): string {
  let kept = "";
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}

/** 8 hex digits that tell names apart. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Whether a path leads from a folder to something inside it, without detours. */
export function isPlainPath(path: string): boolean {
  return path.isWellFormed() && !path.includes("\0") &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Files from elsewhere lie below this folder of `files/`. */
const outside = ".outside";

/** The entry for a file that an event names and that is not in the run directory as archived. */
export function fileEntryPath(path: string): string {
  if (isPlainPath(path) && path.split("/")[0] !== outside) {
    return `files/${path}`;
  }
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 16);
  const base = plainName(path.split("/").at(-1) ?? "", "file");
  return `files/${outside}/${hash}-${base}`;
}
