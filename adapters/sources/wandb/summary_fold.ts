import type { Buffer } from "node:buffer";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";
import { isObject, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";
import { type KeyItem, readItem } from "./key_items.ts";
import { KeyTable } from "./key_table.ts";

const itemTag = 0x0a;
const openBrace = 0x7b;
/** Objects may be nested this deep; no real ones are. */
const deepest = 1000;

/** A place in the summary: an object, or a value that is none. */
type Node = Map<string, Node> | { readonly value: Json };

/** Everything below one top-level name. */
interface Root {
  readonly name: string;
  /** Undefined when the name was taken out. */
  node: Node | undefined;
  /** Keys below it whose newest value is still in the log's bytes, oldest first. */
  readonly waiting: Set<SummaryKey>;
}

/** A key of summary records, and where its newest value stands. */
class SummaryKey {
  readonly path: readonly string[];
  readonly root: Root;
  buffer: Buffer | undefined;
  start = 0;
  end = 0;

  constructor(path: readonly string[], root: Root) {
    this.path = path;
    this.root = root;
  }
}

/**
 * Folds all summary records of a log into one object: later values win, an object joins the one at
 * its place, and `remove` takes out a place with all below it. Clients from 0.17 on write a summary
 * record for every row, so only the place of a key's newest value is kept, and its JSON is parsed
 * when the bytes are about to go. The top-level name `_wandb` is the client's own and left out.
 */
export class SummaryFold {
  readonly #roots = new Map<string, Root>();
  readonly #keys = new KeyTable<SummaryKey>((path) => new SummaryKey(path, this.#root(path)));
  readonly #dirty = new Set<Root>();
  /** Called with each item whose value cannot be read. */
  readonly #onUnread: (item: KeyItem) => void;

  constructor(onUnread: (item: KeyItem) => void) {
    this.#onUnread = onUnread;
  }

  /**
   * Takes in the summary record between `start` and `end`. Its bytes must stay as they are until
   * {@link settle}.
   * @throws {MalformedProtobuf} when the bytes are no such record.
   */
  add(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const tag = buffer[at] as number;
      const length = buffer[at + 1] as number;
      let from = at + 2;
      let to = from + length;
      if (tag !== itemTag || length >= 0x80) {
        const reader = new ProtobufReader(buffer, at, end);
        reader.next();
        if (tag !== itemTag) {
          at = this.#other(reader);
          continue;
        }
        to = reader.open();
        from = reader.position;
      }
      if (!(to <= end)) throw new MalformedProtobuf("length past the end");
      this.#update(buffer, from, to);
      at = to;
    }
  }

  /** Copies what is needed of the records so far, so that their bytes may go. */
  settle(): void {
    for (const root of this.#dirty) this.#settleRoot(root);
    this.#dirty.clear();
  }

  /** The summary so far; undefined when no record said anything. */
  result(): JsonObject | undefined {
    this.settle();
    const summary: { [key: string]: Json } = {};
    let any = false;
    for (const { name, node } of this.#roots.values()) {
      if (name === "_wandb" || node === undefined) continue;
      any = true;
      setKey(summary, name, valueOf(node));
    }
    return any ? summary : undefined;
  }

  #update(buffer: Buffer, start: number, end: number): void {
    const key = this.#keys.read(buffer, start, end);
    const from = this.#keys.valueStart;
    if (key === undefined || from === end || buffer[from] === openBrace) {
      const item = readItem(new ProtobufReader(buffer, start, end));
      const { path, value } = item;
      if (value === undefined || path.length > deepest) this.#onUnread(item);
      else this.#set(path, value);
      return;
    }
    const { waiting } = key.root;
    if (key.buffer === undefined) {
      waiting.add(key);
      this.#dirty.add(key.root);
    } else if (waiting.size > 1) {
      // The order of writing matters where one key is inside another.
      waiting.delete(key);
      waiting.add(key);
    }
    key.buffer = buffer;
    key.start = from;
    key.end = end;
  }

  /** Anything but an update: offset behind it. */
  #other(reader: ProtobufReader): number {
    if (reader.field !== 2) {
      reader.skip();
      return reader.position;
    }
    const { path } = readItem(reader.message());
    const root = this.#root(path);
    this.#settleRoot(root);
    remove(root, path);
    return reader.position;
  }

  #set(path: readonly string[], value: Json): void {
    const root = this.#root(path);
    this.#settleRoot(root);
    assign(root, path, value);
  }

  #root(path: readonly string[]): Root {
    const [name = ""] = path;
    let root = this.#roots.get(name);
    if (root === undefined) {
      root = { name, node: undefined, waiting: new Set() };
      this.#roots.set(name, root);
    }
    return root;
  }

  #settleRoot(root: Root): void {
    for (const key of root.waiting) {
      const { buffer, path, start, end } = key;
      if (buffer === undefined) continue;
      key.buffer = undefined;
      const value = path.length > deepest ? undefined : parse(buffer.toString("utf8", start, end));
      if (value === undefined) this.#onUnread({ path, value, bytes: end - start });
      else place(root, path, { value });
    }
    root.waiting.clear();
  }
}

function assign(root: Root, path: readonly string[], value: Json): void {
  if (!isObject(value)) {
    place(root, path, { value });
    return;
  }
  const entries = Object.entries(value);
  if (!(nodeAt(root, path) instanceof Map)) place(root, path, new Map());
  for (const [name, property] of entries) assign(root, [...path, name], property);
}

function nodeAt(root: Root, path: readonly string[]): Node | undefined {
  let node = root.node;
  for (const name of path.slice(1)) {
    if (!(node instanceof Map)) return undefined;
    node = node.get(name);
  }
  return node;
}

function place(root: Root, path: readonly string[], node: Node): void {
  if (path.length <= 1) {
    root.node = node;
    return;
  }
  if (!(root.node instanceof Map)) root.node = new Map();
  let branch = root.node;
  for (const name of path.slice(1, -1)) {
    const inner = branch.get(name);
    if (inner instanceof Map) branch = inner;
    else {
      const made: Map<string, Node> = new Map();
      branch.set(name, made);
      branch = made;
    }
  }
  branch.set(path.at(-1) ?? "", node);
}

function remove(root: Root, path: readonly string[]): void {
  if (path.length <= 1) {
    root.node = undefined;
    return;
  }
  const parent = nodeAt(root, path.slice(0, -1));
  if (parent instanceof Map) parent.delete(path.at(-1) ?? "");
}

function valueOf(node: Node): Json {
  if (node instanceof Map) {
    const object: { [key: string]: Json } = {};
    for (const [name, inner] of node) setKey(object, name, valueOf(inner));
    return object;
  }
  return node.value;
}

function parse(text: string): Json | undefined {
  try {
    return parseLosslessJson(text);
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}
