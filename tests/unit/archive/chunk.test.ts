import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeChunk } from "../../../src/archive/chunk_decoder.ts";
import { ChunkEncoder } from "../../../src/archive/chunk_encoder.ts";
import { decodeMsgpack, MalformedMsgpack } from "../../../src/archive/msgpack_decoder.ts";
import { MsgpackEncoder } from "../../../src/archive/msgpack_encoder.ts";
import type { HistoryEvent, HistoryValue, RunEvent } from "../../../src/model/event.ts";

/** A row of the run. */
function row(
  seq: number,
  values: { readonly [key: string]: HistoryValue },
  parts: Partial<HistoryEvent> = {},
): HistoryEvent {
  return { type: "history", seq, step: seq, values, ...parts };
}

interface RawTable {
  readonly keys: readonly string[];
}

/** Encodes events into one chunk; tells what it is made of, and what is read back. */
function roundTrip(events: readonly RunEvent[]): {
  readonly tables: readonly RawTable[];
  readonly others: number;
  readonly back: readonly RunEvent[];
} {
  const encoder = new ChunkEncoder();
  for (const event of events) encoder.add(event);
  const bytes = encoder.take();
  const { tables, events: others } = decodeMsgpack(bytes) as unknown as {
    readonly tables: readonly RawTable[];
    readonly events: readonly unknown[];
  };
  return { tables, others: others.length, back: decodeChunk(bytes) };
}

test("rows of plain numbers become columns, one table for each list of keys", () => {
  const events = [...Array(100).keys()].map((seq) =>
    seq % 2 === 0 ? row(seq, { a: seq, b: NaN }, { time: seq + 0.5 }) : row(seq, { b: -0, a: 1 })
  );
  const { tables, others, back } = roundTrip(events);
  assert.deepEqual(tables.map(({ keys }) => keys), [["a", "b"], ["b", "a"]]);
  assert.equal(others, 0);
  assert.deepEqual(back, events);
});

const plainEvents: readonly (readonly [string, HistoryEvent])[] = [
  ["a text among the values", row(1, { a: 1, b: "x" })],
  ["null among the values", row(1, { a: null })],
  ["a huge integer", row(1, { a: 2n ** 60n })],
  ["a huge step", row(1, { a: 1 }, { step: 2n ** 60n })],
  ["a time that is NaN", row(1, { a: 1 }, { time: NaN })],
];

for (const [what, event] of plainEvents) {
  test(`a row with ${what} is kept as it is`, () => {
    const events = [row(0, { a: 1 }), event, row(2, { a: 2 })];
    const { others, back } = roundTrip(events);
    assert.equal(others, 1);
    assert.deepEqual(back, events);
  });
}

test("a row without values, and keys that hurt, are kept in tables", () => {
  const hurting = JSON.parse('{"__proto__":1,"constructor":2,"":3,"7":4}');
  const events = [row(0, {}), row(1, hurting), row(2, {}), row(3, { "\ud800": 1 })];
  const { tables, others, back } = roundTrip(events);
  assert.equal(tables.length, 3);
  assert.equal(others, 0);
  assert.deepEqual(back, events);
  assert.deepEqual(Object.keys(back[1]?.type === "history" ? back[1].values : {}), [
    "7",
    "__proto__",
    "constructor",
    "",
  ]);
});

test("rows with ever other keys are kept as they are", () => {
  const events = [...Array(100).keys()].map((seq) => row(seq, { first: 1, [`k${seq}`]: 2 }));
  const { tables, others, back } = roundTrip(events);
  assert.equal(tables.length, 32);
  assert.equal(others, 68);
  assert.deepEqual(back, events);
});

test("a chunk is full after 4096 events or about 4 MiB", () => {
  const encoder = new ChunkEncoder();
  for (let seq = 0; seq < 4096; seq++) {
    assert.equal(encoder.full, false);
    encoder.add(row(seq, { a: seq }));
  }
  assert.equal(encoder.full, true);
  encoder.take();
  assert.equal(encoder.full, false);
  const wide = Object.fromEntries([...Array(100_000).keys()].map((key) => [`k${key}`, key]));
  let rows = 0;
  while (!encoder.full) encoder.add(row(rows++, wide));
  assert.equal(rows, 6);
  assert.equal(decodeChunk(encoder.take()).length, 6);
  encoder.add({ type: "summary", seq: 0, set: { text: "x".repeat(5 << 20) } });
  assert.equal(encoder.full, true);
});

const bytes = (count: number): Uint8Array => new Uint8Array(count);
const good = {
  keys: ["a"],
  places: bytes(4),
  steps: bytes(8),
  times: bytes(8),
  values: bytes(8),
};
const malformed: readonly (readonly [string, unknown])[] = [
  ["no map", [1]],
  ["no count", { first: 0, tables: [], events: [] }],
  ["a negative place", { first: 5, count: 1, tables: [], events: [row(0, {})] }],
  ["an event missing", { first: 0, count: 2, tables: [good], events: [] }],
  ["an event twice", { first: 0, count: 1, tables: [good], events: [row(0, {})] }],
  ["too many events", { first: 0, count: 1e9, tables: [], events: [] }],
  ["columns of different length", {
    first: 0,
    count: 1,
    tables: [{ ...good, steps: bytes(16) }],
    events: [],
  }],
  ["half a double", {
    first: 0,
    count: 1,
    tables: [{ ...good, values: bytes(7) }],
    events: [],
  }],
  ["keys that are no texts", {
    first: 0,
    count: 1,
    tables: [{ ...good, keys: [1] }],
    events: [],
  }],
];

for (
  const [what, event] of [
    ["of an unknown type", { type: "other", seq: 0 }],
    ["without values", { type: "history", seq: 0, step: 0 }],
    ["with a text as its time", { type: "finish", seq: 0, time: "now", state: "finished" }],
    ["with a file that has no path", {
      type: "file",
      seq: 0,
      name: "a",
      file: {},
      purpose: "log",
    }],
    ["with an item that is none", {
      type: "media",
      seq: 0,
      step: 0,
      key: "a",
      kind: "image",
      items: [1],
    }],
  ] as const
) {
  test(`an event ${what} is malformed`, () => {
    refuse({ first: 0, count: 1, tables: [], events: [event] });
  });
}

for (const [what, chunk] of malformed) {
  test(`a chunk with ${what} is malformed`, () => refuse(chunk));
}

/** Encodes what is no chunk by hand and checks that it is refused. */
function refuse(chunk: unknown): void {
  const encoder = new MsgpackEncoder();
  const write = (value: unknown): void => {
    if (value instanceof Uint8Array) encoder.bytes(value);
    else if (Array.isArray(value)) {
      encoder.array(value.length);
      for (const item of value) write(item);
    } else if (typeof value === "object" && value !== null) {
      encoder.map(Object.keys(value).length);
      for (const [key, property] of Object.entries(value)) {
        encoder.text(key);
        write(property);
      }
    } else encoder.value(value);
  };
  write(chunk);
  assert.throws(() => decodeChunk(encoder.take()), MalformedMsgpack);
}
