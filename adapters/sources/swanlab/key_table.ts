import { Buffer } from "node:buffer";
import type { MetricKind } from "../../../src/model/event.ts";
import { NumberSet } from "./number_set.ts";

/** What is known of one metric key while its run is read. */
export class Key {
  readonly text: string;
  /** The key in UTF-8, as records hold it. */
  readonly bytes: Buffer;
  /** The tracker's own monitoring, not the user's data. */
  system: boolean;
  /** Steps seen so far. */
  readonly steps: NumberSet = new NumberSet();
  /** Number of the row that holds this key's newest point. */
  row = 0;
  /** The key that followed this one last time. */
  follower: Key | undefined;
  /** What it holds, as far as it was declared. */
  kind: MetricKind | undefined;
  /** Checksum of the declaration that was passed on last. */
  declared: number | undefined;

  constructor(text: string, bytes: Buffer) {
    this.text = text;
    this.bytes = bytes;
    this.system = text.startsWith(systemPrefix);
  }
}

/** Keys of the hardware monitor begin so in every version. */
const systemPrefix = "__swanlab__.";

/** Gives each key one object, found by its bytes without making a string of them again. */
export class KeyTable {
  readonly #keys = new Map<string, Key>();
  readonly #folders = new Map<string, Set<Key>>();
  #last: Key | undefined;

  /**
   * The key in `buffer` from `start` to `end`, UTF-8. Programs log the same keys in the same order
   * again and again, so the one that followed last time is tried first.
   */
  find(buffer: Uint8Array, start: number, end: number): Key {
    const guess = this.#last?.follower;
    if (guess !== undefined && equal(guess.bytes, buffer, start, end)) {
      this.#last = guess;
      return guess;
    }
    const bytes = Buffer.from(buffer.subarray(start, end));
    const key = this.#intern(bytes.toString("utf8"), bytes);
    if (this.#last !== undefined) this.#last.follower = key;
    this.#last = key;
    return key;
  }

  /** The key of this name. */
  named(text: string): Key {
    return this.#keys.get(text) ?? this.#intern(text, Buffer.from(text));
  }

  /**
   * Notes that the data of a key lie in a folder below `logs/`. Clients number folders without a
   * lock, so that several threads can give one folder to several keys (seen with swanlab 0.7.20).
   */
  own(key: Key, folder: string): void {
    const owners = this.#folders.get(folder);
    if (owners === undefined) this.#folders.set(folder, new Set([key]));
    else owners.add(key);
  }

  /** The keys whose data lie in a folder, as far as it was noted. */
  owners(folder: string): readonly Key[] {
    return [...this.#folders.get(folder) ?? []];
  }

  #intern(text: string, bytes: Buffer): Key {
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = new Key(text, bytes);
      this.#keys.set(text, key);
    }
    return key;
  }
}

function equal(
  bytes: Uint8Array,
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  const length = bytes.length;
  if (length !== end - start) return false;
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== buffer[start + at]) return false;
  }
  return true;
}
