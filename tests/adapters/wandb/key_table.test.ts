import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { KeyTable, readPath } from "../../../adapters/sources/wandb/key_table.ts";
import { MalformedProtobuf } from "../../../src/codec/protobuf.ts";
import { message } from "./made_log.ts";

interface Key {
  readonly path: readonly string[];
}

function table(): { readonly keys: KeyTable<Key>; readonly made: Key[] } {
  const made: Key[] = [];
  const keys = new KeyTable<Key>((path) => {
    const key = { path };
    made.push(key);
    return key;
  });
  return { keys, made };
}

function read(keys: KeyTable<Key>, fields: Buffer): Key | undefined {
  return keys.read(fields, 0, fields.length);
}

/** An item with that path, as 0.17 and later write it. */
function nested(...path: readonly string[]): Buffer {
  return message({ 2: path, 16: "1" });
}

test("a key is one object, however often and in whatever order it comes", () => {
  const { keys, made } = table();
  const items = ["a", "b", "c", "__proto__", "constructor", "", "é", "x".repeat(500)]
    .map((name) => nested(name));
  const first = items.map((item) => read(keys, item));
  for (const item of [...items].reverse()) {
    assert.equal(read(keys, item), first[items.indexOf(item)]);
  }
  assert.equal(made.length, items.length);
});

test("key and value are found in what every era writes", () => {
  const cases: readonly (readonly [Buffer, readonly string[], string])[] = [
    [message({ 1: "flat", 16: "12" }), ["flat"], "12"],
    [message({ 2: ["a", "b", "c"], 16: "[1]" }), ["a", "b", "c"], "[1]"],
    [message({ 16: "7" }), [""], "7"],
    [message({ 2: "typed", 4: 1, 16: "true" }), ["typed"], "true"],
    [message({ 2: "typed", 5: 300, 16: "150" }), ["typed"], "150"],
    [message({ 2: "typed", 7: "t".repeat(300), 16: '"t"' }), ["typed"], '"t"'],
    [message({ 2: "typed", 8: "[1]", 16: "[1]" }), ["typed"], "[1]"],
    [message({ 1: "long", 16: `"${"x".repeat(100_000)}"` }), ["long"], `"${"x".repeat(100_000)}"`],
  ];
  for (const [item, path, value] of cases) {
    const { keys } = table();
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(read(keys, item)?.path, path);
      assert.equal(item.toString("utf8", keys.valueStart), value);
    }
  }
});

test("items in another order are left to others", () => {
  const item = Buffer.concat([message({ 16: "1" }), message({ 2: "late" })]);
  assert.equal(read(table().keys, item), undefined);
  assert.equal(read(table().keys, message({ 2: "no value" })), undefined);
  assert.equal(read(table().keys, nested("cut").subarray(0, -1)), undefined);
});

test("a key that begins like the expected one is another key", () => {
  const { keys } = table();
  for (const path of [["a"], ["a", "b"], ["a"], ["ab"], ["a", "b"], ["a", "b", "c"], ["a"]]) {
    assert.deepEqual(read(keys, nested(...path))?.path, path);
  }
});

/** The hash that the table goes by, as 32 bits. */
function hashOf(bytes: Buffer): number {
  let value = bytes.length;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}

test("keys of one length and one hash stay apart", () => {
  const [left, right] = ["key009vl8", "key00apd6"] as const;
  assert.equal(hashOf(message({ 2: left })), hashOf(message({ 2: right })));
  const { keys } = table();
  for (const name of [left, right, "other", right, left, "other", left]) {
    assert.deepEqual(read(keys, nested(name))?.path, [name]);
  }
});

/** Names that all want the first slot of the table as it begins. */
function colliding(count: number): readonly string[] {
  const names: string[] = [];
  for (let number = 0; names.length < count; number++) {
    const name = `key${String(number).padStart(7, "0")}`;
    const fields = message({ 2: name });
    const hash = hashOf(fields);
    if (((hash ^ (hash >>> 15)) & 0xff) === 0) names.push(name);
  }
  return names;
}

test("keys made to collide stay apart, also while the table grows", () => {
  const { keys, made } = table();
  const names = colliding(120);
  const first = new Map(names.map((name) => [name, read(keys, nested(name))]));
  const others = Array.from({ length: 5000 }, (_, index) => `other${index}`);
  for (const name of others) assert.deepEqual(read(keys, nested(name))?.path, [name]);
  for (const name of names.toReversed()) assert.equal(read(keys, nested(name)), first.get(name));
  for (const name of others.toReversed()) assert.deepEqual(read(keys, nested(name))?.path, [name]);
  assert.equal(made.length, names.length + others.length);
});

test("bytes that are no key are malformed", () => {
  const past = Buffer.concat([Buffer.from([0x12, 0x7f, 0x41]), message({ 16: "1" })]);
  assert.equal(read(table().keys, past), undefined);
  assert.throws(() => readPath(past, 0, past.length), MalformedProtobuf);
});
