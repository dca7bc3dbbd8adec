import type { Buffer } from "node:buffer";
import { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { isObject, type Json, setKey } from "../../../src/model/json.ts";
import { roleOf } from "./history_key.ts";
import { readStep } from "./history_items.ts";
import type { HistoryRow } from "./history_row.ts";
import { readItem } from "./key_items.ts";
import { type PlainValue, type SpecialValue, ValueTree } from "./value_tree.ts";

/** Objects may be nested this deep; no real ones are. */
const deepest = 1000;

/**
 * Reads any history record into `row`. An object without properties has no value to log; clients
 * from 0.17 on leave it out themselves.
 * @throws {MalformedProtobuf} when the bytes are no such record.
 */
export function readSlowly(row: HistoryRow, buffer: Buffer, start: number, end: number): void {
  row.clear();
  const tree = new ValueTree();
  const reader = new ProtobufReader(buffer, start, end);
  while (reader.next()) {
    if (reader.field === 1) readInto(tree, row, reader.message());
    else if (reader.field === 2) {
      const { position, end: stop } = reader.message();
      row.recordStep = readStep(buffer, position, stop);
    } else reader.skip();
  }
  const plain: PlainValue[] = [];
  for (const found of tree.values()) {
    if (isSpecial(found)) row.special.push(found);
    else plain.push(found);
  }
  addValues(row, plain);
}

function readInto(tree: ValueTree, row: HistoryRow, reader: ProtobufReader): void {
  const item = readItem(reader);
  const { path, value } = item;
  if (value === undefined || path.length > deepest) row.unread.push(item);
  else if (!row.reserve(roleOf(path), value)) tree.set(path, value);
}

function isSpecial(found: SpecialValue | PlainValue): found is SpecialValue {
  const { value } = found;
  return isObject(value) || (Array.isArray(value) && value.some(hasType));
}

function hasType(value: Json): boolean {
  return isObject(value) && Object.hasOwn(value, "_type") && typeof value["_type"] === "string";
}

/**
 * Adds the values by the names that W&B shows. Where `a.b` as one name and `b` inside `a` meet in
 * one row, dots inside a name are escaped as in `define_metric`, so that neither is lost.
 */
function addValues(row: HistoryRow, plain: readonly PlainValue[]): void {
  const counts = new Map<string, number>();
  for (const { path } of plain) {
    const name = path.join(".");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const { path, value } of plain) {
    const name = path.join(".");
    const isShared = counts.get(name) !== 1;
    const parts = path.map((part) => part.replaceAll(".", "\\."));
    setKey(row.values, isShared ? parts.join(".") : name, value);
  }
}
