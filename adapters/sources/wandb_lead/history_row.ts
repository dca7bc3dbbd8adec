import { Buffer } from "node:buffer";
import { parseNumber } from "../../../src/codec/lossless_json.ts";
import { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { HistoryValue } from "../../../src/model/event.ts";
import { type Integer, type Json, setKey } from "../../../src/model/json.ts";
import { parsed, readJsonItem } from "./json_item.ts";
import type { Key, KeyTable } from "./key_table.ts";
import { setPath, type Tree } from "./value_tree.ts";

/** A history record, decoded. */
export interface HistoryRow {
  /** `_step`, when it is a whole number. */
  readonly step: Integer | undefined;
  /** HistoryRecord.step; Go clients always write it, Python clients from 0.12 on. */
  readonly explicitStep: Integer | undefined;
  /** `_timestamp`, in seconds. */
  readonly timestamp: number | undefined;
  /** `_runtime`, in seconds. */
  readonly runtime: number | undefined;
  /** Plain numbers by key. */
  readonly values: { [key: string]: HistoryValue };
  /** Everything else as one tree, undefined when there is nothing else. */
  readonly tree: Tree | undefined;
  /** Names of items whose value is no JSON. */
  readonly malformed: readonly string[];
}

const none: readonly string[] = [];
const keyTag = 0x0a;
const nestedTag = 0x12;
/** Field 16 with a length, a tag of two bytes. */
const valueTag = 0x82;
const valueTagEnd = 0x01;
const minus = 0x2d;
const zero = 0x30;

/**
 * Decodes history records, the bulk of every log. It is the one place that walks the wire format
 * by hand: a reader object, a string or a closure per value would cost more than the value itself.
 * Items of one key and a plain number take the fast path; anything else is decoded at leisure.
 */
export class HistoryDecoder {
  readonly #keys: KeyTable;
  /** The keys of the row being read that have a plain number. */
  readonly #plain: Key[] = [];
  #count = 0;
  #tree: Tree | undefined;
  #malformed: string[] | undefined;
  #step: Integer | undefined;
  #timestamp: number | undefined;
  #runtime: number | undefined;

  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  /**
   * Decodes a HistoryRecord.
   * @throws {MalformedProtobuf} when it is none.
   */
  decode(message: ProtobufReader): HistoryRow {
    this.#count = 0;
    this.#tree = undefined;
    this.#malformed = undefined;
    this.#step = this.#timestamp = this.#runtime = undefined;
    let explicitStep: Integer | undefined;
    while (message.next()) {
      if (message.field === 1) {
        const end = message.open();
        this.#item(message, message.position, end);
        message.position = end;
      } else if (message.field === 2) {
        explicitStep = stepOf(message.message());
      } else {
        message.skip();
      }
    }
    return {
      step: this.#step,
      explicitStep,
      timestamp: this.#timestamp,
      runtime: this.#runtime,
      values: this.#values(),
      tree: this.#tree,
      malformed: this.#malformed ?? none,
    };
  }

  /** An item in the usual shape: one key of less than 128 bytes, then a value of less than 128. */
  #item(message: ProtobufReader, start: number, end: number): void {
    const { buffer } = message;
    const tag = buffer[start];
    const keyLength = buffer[start + 1] as number;
    const keyEnd = start + 2 + keyLength;
    const valueStart = keyEnd + 3;
    if (
      (tag !== nestedTag && tag !== keyTag) || keyLength >= 0x80 || valueStart > end ||
      buffer[keyEnd] !== valueTag || buffer[keyEnd + 1] !== valueTagEnd ||
      buffer[keyEnd + 2] !== end - valueStart
    ) {
      this.#anyItem(buffer, start, end);
      return;
    }
    const key = this.#keys.find(buffer, start + 2, keyEnd);
    const value = parseNumber(buffer, valueStart, end);
    if (value === undefined) {
      this.#special([key.name], parsed(buffer.toString("utf8", valueStart, end)));
    } else this.#number(key, value, key.role === "step" && isDigits(buffer, valueStart, end));
  }

  #number(key: Key, value: number | bigint, isWhole: boolean): void {
    switch (key.role) {
      case "metric":
        key.value = value;
        this.#plain[this.#count++] = key;
        return;
      case "step":
        if (isWhole) this.#step = value;
        return;
      case "timestamp":
        this.#timestamp = finite(value);
        return;
      default:
        if (key.name === "_runtime") this.#runtime = finite(value);
    }
  }

  /** An item in any shape: nested keys, long or typed values, fields in another order. */
  #anyItem(buffer: Buffer, start: number, end: number): void {
    const { path, value, isWhole } = readJsonItem(new ProtobufReader(buffer, start, end));
    const isNumber = typeof value === "number" || typeof value === "bigint";
    if (path.length > 1 || !isNumber) this.#special(path, value);
    else this.#number(this.#keyNamed(path[0] ?? ""), value, isWhole ?? false);
  }

  #keyNamed(name: string): Key {
    const bytes = Buffer.from(name);
    return this.#keys.find(bytes, 0, bytes.length);
  }

  #special(path: readonly string[], value: Json | undefined): void {
    const [first = ""] = path;
    if (path.length === 1 && this.#keyNamed(first).role !== "metric") return;
    if (value === undefined) (this.#malformed ??= []).push(path.join("."));
    else setPath(this.#tree ??= {}, path, value);
  }

  /**
   * The row's plain numbers in the order in which the run first named their keys: rows of the same
   * keys then share a hidden class, whatever order the client wrote them in.
   */
  #values(): { [key: string]: HistoryValue } {
    const plain = this.#plain;
    plain.length = this.#count;
    sortByIndex(plain);
    const values: { [key: string]: HistoryValue } = {};
    for (let at = 0; at < plain.length; at++) {
      const key = plain[at] as Key;
      if (key.name === "__proto__") setKey(values, key.name, key.value);
      else values[key.name] = key.value;
    }
    return values;
  }
}

/** Insertion sort while rows are short: most come nearly sorted, and no comparator is called. */
function sortByIndex(keys: Key[]): void {
  if (keys.length > 32) {
    keys.sort((left, right) => left.index - right.index);
    return;
  }
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at] as Key;
    let to = at;
    for (; to > 0 && (keys[to - 1] as Key).index > key.index; to--) keys[to] = keys[to - 1] as Key;
    keys[to] = key;
  }
}

function finite(value: number | bigint): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Whether a number is written as digits alone, as a step must be. */
function isDigits(buffer: Buffer, start: number, end: number): boolean {
  for (let at = buffer[start] === minus ? start + 1 : start; at < end; at++) {
    const digit = (buffer[at] as number) - zero;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

/** HistoryStep.num; a present message without it is step 0. */
function stepOf(message: ProtobufReader): Integer {
  let step: Integer = 0;
  while (message.next()) {
    if (message.field === 1) step = message.int();
    else message.skip();
  }
  return step;
}
