import { createHash } from "node:crypto";

/** Characters that a key may have (swanlab-api §3.4), in UTF-16 units. */
const longest = 512;
/** What the client strips from both ends. */
const edges = /^[ \t\n\r./]+|[ \t\n\r./]+$/g;
const control = /[\u0000-\u001f\u007f]/g;

/** Eight hex digits that stand for a text. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/**
 * A key as SwanLab takes it: without blanks, `.` and `/` at its ends, with `_` for control
 * characters, and cut to 512 characters with a hash of the whole at its end. The same for the same
 * key, whatever other keys there are; a key within the rules stays as it is.
 */
export function allowedKey(key: string): string {
  const trimmed = key.toWellFormed().replace(edges, "").replace(control, "_");
  if (trimmed === "") return key === "" ? "(empty)" : `(${shortHash(key)})`;
  if (trimmed.length <= longest) return trimmed;
  const end = `~${shortHash(key)}`;
  return trimmed.slice(0, longest - end.length).toWellFormed() + end;
}

/**
 * Gives every column of a run a key of its own. Where two would have the same, the later one gets a
 * hash of its name at its end.
 */
export class ColumnKeys {
  readonly #taken = new Set<string>();

  /** A key for a column that its tracker calls `name`, as close to `wanted` as can be. */
  claim(wanted: string, name: string): string {
    let key = wanted;
    for (let round = 0; this.#taken.has(key); round++) {
      const end = `~${shortHash(`${name}\0${round}`)}`;
      key = wanted.slice(0, longest - end.length).toWellFormed() + end;
    }
    this.#taken.add(key);
    return key;
  }
}
