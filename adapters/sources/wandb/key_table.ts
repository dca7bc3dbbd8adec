import { Buffer } from "node:buffer";
import { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { ItemScanner, valueTag } from "./item_scanner.ts";

const firstSlots = 256;
const firstBytes = 8192;
/** Slots looked at before giving up: more only happens when keys are made to collide. */
const mostProbes = 32;

/**
 * Reads items: turns the bytes of an item's key into an object that stands for that key, the same one
 * each time, and finds its value. The key that followed last time is tried first; otherwise a hash
 * finds it. Bytes are always compared, so that keys made to collide cost time and never mix.
 */
export class KeyTable<Key extends object> {
  readonly #make: (path: readonly string[]) => Key;
  readonly #keys: Key[] = [];
  /** Number of a key + 1 by slot; 0 is free. */
  #slots: Int32Array = new Int32Array(firstSlots);
  #hashes: Int32Array = new Int32Array(firstSlots);
  /** Where a key's bytes begin; they end where the next one's begin. */
  #starts: Int32Array = new Int32Array(firstSlots);
  /** The number of the key that came after a key. */
  #followers: Int32Array = new Int32Array(firstSlots);
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  #previous = 0;
  readonly #scanner = new ItemScanner();
  /** First byte of the JSON text of the item read last, which goes on to the item's end. */
  valueStart = 0;
  /** Keys that found no free slot near theirs, by their bytes as latin1. */
  readonly #others = new Map<string, Key>();

  /** `make` is called once for each key, with the names from the outermost object inwards. */
  constructor(make: (path: readonly string[]) => Key) {
    this.#make = make;
  }

  /**
   * The key of the item between `start` and `end`, whose value begins at {@link valueStart};
   * undefined when the item is not written as clients do.
   * @throws {MalformedProtobuf} when a key that was not met before is none.
   */
  read(buffer: Buffer, start: number, end: number): Key | undefined {
    const guess = this.#followers[this.#previous] as number;
    if (guess < this.#keys.length) {
      const bytes = this.#bytes;
      const stop = this.#starts[guess + 1] as number;
      let from = this.#starts[guess] as number;
      let at = start;
      while (from < stop && bytes[from] === buffer[at]) {
        from++;
        at++;
      }
      const isKey = from === stop && buffer[at] === valueTag[0] && buffer[at + 1] === valueTag[1];
      if (isKey && at + 3 + (buffer[at + 2] as number) === end && end - at < 0x83) {
        this.valueStart = at + 3;
        this.#previous = guess;
        return this.#keys[guess] as Key;
      }
    }
    const scanner = this.#scanner;
    if (!scanner.scan(buffer, start, end)) return undefined;
    this.valueStart = scanner.valueStart;
    return this.#find(buffer, start, scanner.keyEnd);
  }

  #find(buffer: Buffer, start: number, end: number): Key {
    let hash = end - start;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (buffer[at] as number), 0x01000193);
    }
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let probe = 0; probe < mostProbes; probe++) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0) return this.#add(slot, hash, buffer, start, end);
      if (this.#hashes[number] === hash && this.#isKey(number, buffer, start, end)) {
        this.#followers[this.#previous] = number;
        this.#previous = number;
        return this.#keys[number] as Key;
      }
      slot = (slot + 1) & mask;
    }
    return this.#other(buffer, start, end);
  }

  #isKey(number: number, buffer: Buffer, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const from = this.#starts[number] as number;
    if ((this.#starts[number + 1] as number) - from !== end - start) return false;
    for (let at = start, other = from; at < end; at++, other++) {
      if (bytes[other] !== buffer[at]) return false;
    }
    return true;
  }

  #add(slot: number, hash: number, buffer: Buffer, start: number, end: number): Key {
    const number = this.#keys.length;
    if (2 * number + 4 > this.#slots.length) {
      this.#grow();
      return this.#find(buffer, start, end);
    }
    const key = this.#known(buffer, start, end) ?? this.#make(readPath(buffer, start, end));
    this.#keys.push(key);
    const from = this.#starts[number] as number;
    const to = from + end - start;
    if (to > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * to);
      larger.set(this.#bytes.subarray(0, from));
      this.#bytes = larger;
    }
    this.#bytes.set(buffer.subarray(start, end), from);
    this.#starts[number + 1] = to;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    this.#followers[this.#previous] = number;
    this.#previous = number;
    return key;
  }

  #grow(): void {
    const size = 2 * this.#slots.length;
    const grown = (old: Int32Array): Int32Array => {
      const larger = new Int32Array(size);
      larger.set(old);
      return larger;
    };
    this.#hashes = grown(this.#hashes);
    this.#starts = grown(this.#starts);
    this.#followers = grown(this.#followers);
    this.#slots = new Int32Array(size);
    for (const [number, key] of this.#keys.entries()) this.#place(number, key);
  }

  /** Gives a key a slot that {@link read} looks at. */
  #place(number: number, key: Key): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[number] as number;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let probe = 0; probe < mostProbes; probe++) {
      if (this.#slots[slot] === 0) {
        this.#slots[slot] = number + 1;
        return;
      }
      slot = (slot + 1) & mask;
    }
    const [from, to] = [this.#starts[number], this.#starts[number + 1]];
    this.#others.set(this.#bytes.toString("latin1", from, to), key);
  }

  /** A key that had no slot when it was made. */
  #known(buffer: Buffer, start: number, end: number): Key | undefined {
    if (this.#others.size === 0) return undefined;
    return this.#others.get(buffer.toString("latin1", start, end));
  }

  #other(buffer: Buffer, start: number, end: number): Key {
    const text = buffer.toString("latin1", start, end);
    let key = this.#others.get(text);
    if (key === undefined) {
      key = this.#make(readPath(buffer, start, end));
      this.#others.set(text, key);
    }
    return key;
  }
}

/**
 * The names that key fields spell: those of `nested_key` if there are any, else `key`, else the
 * empty name, which protobuf does not write.
 * @throws {MalformedProtobuf} when the bytes are no such fields.
 */
export function readPath(buffer: Buffer, start: number, end: number): readonly string[] {
  const reader = new ProtobufReader(buffer, start, end);
  const nested: string[] = [];
  let key = "";
  while (reader.next()) {
    if (reader.field === 2) nested.push(reader.string());
    else if (reader.field === 1) key = reader.string();
    else reader.skip();
  }
  return nested.length > 0 ? nested : [key];
}
