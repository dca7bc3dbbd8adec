import { Buffer } from "node:buffer";
import { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { parsed, readJsonItem } from "./json_item.ts";
import type { Key, KeyTable } from "./key_table.ts";
import { removePath, setPath, type Tree } from "./value_tree.ts";

const keyTag = 0x0a;
const nestedTag = 0x12;
const valueTag = 0x82;
const valueTagEnd = 0x01;
const openBrace = 0x7b;

/** What the client keeps in the summary for itself. */
const internal = ["_wandb", "_step", "_runtime", "_timestamp", "_client_id"] as const;

/**
 * Folds all summary records of a log into one object. Go clients write one or two for every row, so
 * only the newest bytes of a plain value are kept, to be parsed at the end; objects, nested paths
 * and removals are applied at once, in order.
 */
export class SummaryFold {
  readonly #keys: KeyTable;
  readonly #tree: Tree = {};
  /** Names of values that are no JSON. */
  readonly malformed: string[] = [];

  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  /** Adds a SummaryRecord. */
  add(message: ProtobufReader): void {
    while (message.next()) {
      if (message.field === 1) {
        const end = message.open();
        const { buffer, position } = message;
        if (!this.#plain(buffer, position, end)) {
          this.#set(new ProtobufReader(buffer, position, end));
        }
        message.position = end;
      } else if (message.field === 2) {
        const { path } = readJsonItem(message.message());
        this.#settle(path[0] ?? "");
        removePath(this.#tree, path);
      } else {
        message.skip();
      }
    }
  }

  /** The fold of everything so far, without what the client keeps for itself. */
  result(): JsonObject {
    for (const key of this.#keys.keys) this.#parse(key);
    for (const key of internal) removePath(this.#tree, [key]);
    return this.#tree;
  }

  /**
   * Keeps the bytes of an item of one short key and a short plain value, or passes over one that is
   * the client's own; false for any other.
   */
  #plain(buffer: Buffer, start: number, end: number): boolean {
    const tag = buffer[start];
    const keyLength = buffer[start + 1] as number;
    const keyEnd = start + 2 + keyLength;
    if ((tag !== nestedTag && tag !== keyTag) || keyLength >= 0x80 || keyEnd > end) return false;
    const valueStart = keyEnd + 3;
    const length = end - valueStart;
    const isPlain = length > 0 && buffer[keyEnd] === valueTag &&
      buffer[keyEnd + 1] === valueTagEnd && buffer[keyEnd + 2] === length &&
      buffer[valueStart] !== openBrace;
    const isNested = tag === nestedTag && buffer[keyEnd] === nestedTag;
    if (!isPlain && !isNested) return false;
    const key = this.#keys.find(buffer, start + 2, keyEnd);
    if (key.role !== "metric") return true;
    if (!isPlain) return false;
    if (key.summary.length < length) key.summary = Buffer.alloc(Math.max(32, length));
    const { summary } = key;
    for (let at = 0; at < length; at++) summary[at] = buffer[valueStart + at] as number;
    key.summaryLength = length;
    return true;
  }

  #set(message: ProtobufReader): void {
    const { path, value } = readJsonItem(message);
    this.#settle(path[0] ?? "");
    if (value === undefined) this.malformed.push(path.join("."));
    else setPath(this.#tree, path, value);
  }

  /** Applies the bytes that wait at a key, before something deeper happens to it. */
  #settle(name: string): void {
    const bytes = Buffer.from(name);
    const key = this.#keys.find(bytes, 0, bytes.length);
    this.#parse(key);
  }

  #parse(key: Key): void {
    if (key.summaryLength === 0) return;
    const value = parsed(key.summary.toString("utf8", 0, key.summaryLength));
    key.summaryLength = 0;
    if (value === undefined) this.malformed.push(key.name);
    else setPath(this.#tree, [key.name], value);
  }
}
