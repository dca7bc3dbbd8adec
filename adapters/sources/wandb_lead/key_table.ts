import { Buffer } from "node:buffer";

/** What the client itself means by a key. */
export type KeyRole = "metric" | "step" | "timestamp" | "internal";

const roles: ReadonlyMap<string, KeyRole> = new Map([
  ["_step", "step"],
  ["_timestamp", "timestamp"],
  ["_runtime", "internal"],
  ["_client_id", "internal"],
  ["_wandb", "internal"],
]);

/** One key of the run, with room for the row and the summary that are being read. */
export class Key {
  readonly name: string;
  readonly role: KeyRole;
  /** Order of first appearance; rows list their keys in it. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** Value in the row being read. */
  value: number | bigint = 0;
  /** Newest summary value as JSON text, not parsed yet; its first `summaryLength` bytes count. */
  summary: Buffer | undefined;
  summaryLength = 0;

  constructor(bytes: Uint8Array, index: number) {
    this.name = Buffer.from(bytes).toString("utf8");
    this.role = roles.get(this.name) ?? "metric";
    this.index = index;
    this.bytes = bytes;
  }
}

/**
 * Finds the key that some bytes spell without making a string of them. Go clients write the items
 * of a row in random order, so the key cannot be guessed from the one before.
 */
export class KeyTable {
  readonly #buckets = new Map<number, Key[]>();
  #count = 0;

  /** The key that `buffer` spells from `start` to `end`. */
  find(buffer: Uint8Array, start: number, end: number): Key {
    const hash = hashOf(buffer, start, end);
    let bucket = this.#buckets.get(hash);
    if (bucket === undefined) {
      bucket = [];
      this.#buckets.set(hash, bucket);
    }
    for (let at = 0; at < bucket.length; at++) {
      const key = bucket[at] as Key;
      if (spells(buffer, start, end, key.bytes)) return key;
    }
    const key = new Key(Uint8Array.from(buffer.subarray(start, end)), this.#count++);
    bucket.push(key);
    return key;
  }
}

/** A 30-bit hash; small integers are the cheapest keys of a Map. */
function hashOf(buffer: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (buffer[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

function spells(buffer: Uint8Array, start: number, end: number, bytes: Uint8Array): boolean {
  if (bytes.length !== end - start) return false;
  for (let at = 0; at < bytes.length; at++) {
    if (buffer[start + at] !== bytes[at]) return false;
  }
  return true;
}
