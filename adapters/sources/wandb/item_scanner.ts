import type { Buffer } from "node:buffer";

const keyTag = 0x0a;
const nestedKeyTag = 0x12;
const typedVarints = [0x18, 0x20, 0x28] as const;
const typedDouble = 0x31;
const typedTexts = [0x3a, 0x42] as const;
/** The two bytes of the tag of field 16, `value_json`. */
export const valueTag = [0x82, 0x01] as const;

/**
 * Finds key and value in the items that history, summary and config records consist of: `key` (1)
 * or `nested_key` (2, repeated), from wandb 0.31 on maybe a typed copy of the value (3 to 8), and
 * `value_json` (16). It only understands items as every client writes them, with the fields in this
 * order, and says so of others; those are read field by field elsewhere.
 */
export class ItemScanner {
  /** Behind the key's last field; the key begins where the item does. */
  keyEnd = 0;
  /** First byte of the value's JSON text, which goes on to the item's end. */
  valueStart = 0;

  /** Looks at the item between `start` and `end`; false when it is written in another way. */
  scan(buffer: Buffer, start: number, end: number): boolean {
    let at = start;
    let tag = buffer[at];
    while (tag === nestedKeyTag || tag === keyTag) {
      const length = buffer[at + 1] as number;
      if (length < 0x80) at += 2 + length;
      else {
        const high = buffer[at + 2] as number;
        if (high >= 0x80) return false;
        at += 3 + (length & 0x7f) + 0x80 * high;
      }
      tag = buffer[at];
    }
    this.keyEnd = at;
    if (tag !== valueTag[0]) at = skipTyped(buffer, at, end);
    if (buffer[at] !== valueTag[0] || buffer[at + 1] !== valueTag[1]) return false;
    at += 2;
    let length = buffer[at++] as number;
    if (length >= 0x80) {
      length &= 0x7f;
      for (let scale = 0x80;; scale *= 0x80) {
        const byte = buffer[at++];
        if (byte === undefined || at > end) return false;
        length += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
      }
    }
    this.valueStart = at;
    return at + length === end;
  }
}

/** Offset behind the typed copies of the value. */
function skipTyped(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const tag = buffer[at] as number;
    if (includes(typedVarints, tag)) {
      do at++; while (at < end && (buffer[at] as number) >= 0x80);
      at++;
    } else if (tag === typedDouble) at += 9;
    else if (includes(typedTexts, tag)) {
      let length = 0;
      let scale = 1;
      let byte = 0x80;
      while (byte >= 0x80 && at < end) {
        byte = buffer[++at] as number;
        length += (byte & 0x7f) * scale;
        scale *= 0x80;
      }
      at += 1 + length;
    } else return at;
  }
  return at;
}

function includes(tags: readonly number[], tag: number): boolean {
  return tags.includes(tag);
}
