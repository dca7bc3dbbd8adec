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
  readonly hash: number;
  /** The key that came after this one the last time. */
  follower: Key | undefined;
  /** Value in the row being read. */
  value: number | bigint = 0;
  /** Newest summary value as JSON text, not parsed yet; its first `summaryLength` bytes count. */
  summary: Buffer = Buffer.alloc(0);
  /** 0 when there is no such value. */
  summaryLength = 0;

  constructor(bytes: Uint8Array, hash: number, index: number) {
    this.name = Buffer.from(bytes).toString("utf8");
    this.role = roles.get(this.name) ?? "metric";
    this.index = index;
    this.bytes = bytes;
    this.hash = hash;
  }
}

/**
 * Finds the key that some bytes spell without making a string of them. Python clients write the
 * items of every row in the same order, so the key that followed last time is tried first; Go
 * clients write them in random order.
 */
export class KeyTable {
  /** Open addressing: a key is at its hash or in the slots behind. */
  #slots: (Key | undefined)[] = new Array<Key | undefined>(64).fill(undefined);
  #last: Key | undefined;
  /** Every key by its index. */
  readonly keys: Key[] = [];

  /** The key that `buffer` spells from `start` to `end`. */
  find(buffer: Uint8Array, start: number, end: number): Key {
    const last = this.#last;
    const guess = last?.follower;
    if (guess !== undefined && spells(buffer, start, end, guess.bytes)) return this.#last = guess;
    const key = this.#search(buffer, start, end);
    if (last !== undefined) last.follower = key;
    return this.#last = key;
  }

  #search(buffer: Uint8Array, start: number, end: number): Key {
    const hash = hashOf(buffer, start, end);
    const mask = this.#slots.length - 1;
    for (let at = hash & mask;; at = (at + 1) & mask) {
      const key = this.#slots[at];
      if (key === undefined) return this.#add(buffer.slice(start, end), hash);
      if (key.hash === hash && spells(buffer, start, end, key.bytes)) return key;
    }
  }

  #add(bytes: Uint8Array, hash: number): Key {
    const key = new Key(Uint8Array.from(bytes), hash, this.keys.length);
    this.keys.push(key);
    if (this.keys.length * 2 > this.#slots.length) {
      this.#slots = new Array<Key | undefined>(this.#slots.length * 2).fill(undefined);
      for (const each of this.keys) this.#place(each);
    } else this.#place(key);
    return key;
  }

  #place(key: Key): void {
    const mask = this.#slots.length - 1;
    let at = key.hash & mask;
    while (this.#slots[at] !== undefined) at = (at + 1) & mask;
    this.#slots[at] = key;
  }
}

/** A 30-bit hash. */
function hashOf(buffer: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (buffer[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

/** Compares from the end: keys of one run begin alike. */
function spells(buffer: Uint8Array, start: number, end: number, bytes: Uint8Array): boolean {
  let at = bytes.length;
  if (at !== end - start) return false;
  while (at > 0) {
    at--;
    if (buffer[start + at] !== bytes[at]) return false;
  }
  return true;
}
