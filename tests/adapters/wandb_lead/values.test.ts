import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../../src/model/json.ts";
import { eventsOf } from "./fixture_runs.ts";
import { config, double, field, history, item, message, summary, whole } from "./log_writer.ts";
import { readMade } from "./made_run.ts";

type Row = { readonly [key: string]: unknown };

async function valuesOf(...items: readonly Uint8Array[]): Promise<Row> {
  const { events } = await readMade([history(items)]);
  const [row] = eventsOf(events, "history");
  assert.ok(row !== undefined);
  return row.values;
}

/** An object with one key of its own, whatever it is called. */
function own(key: string, value: Json): Row {
  return Object.fromEntries([[key, value]]);
}

const texts: readonly (readonly [json: string, value: unknown])[] = [
  ["0", 0],
  ["-0", -0],
  ["-0.0", -0],
  ["1e+06", 1_000_000],
  ["0.1", 0.1],
  ["5e-324", 5e-324],
  ["1.7976931348623157e308", 1.7976931348623157e308],
  ["0.30000000000000004", 0.30000000000000004],
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["-9223372036854775808", -9223372036854775808n],
  ["1180591620717411303424", 1180591620717411303424n],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["true", true],
  ["false", false],
  ["null", null],
  ['""', ""],
  ['"NaN"', "NaN"],
  ['"a\\n\\u4e2d\\ud83d\\ude80"', "a\n\u4e2d\u{1F680}"],
  ["[]", []],
  ["[1,[2,NaN],null]", [1, [2, NaN], null]],
  [`"${"x".repeat(100_000)}"`, "x".repeat(100_000)],
];

for (const [json, value] of texts) {
  test(`history: ${json.slice(0, 40)} is read as it stands, flat, nested and below`, async () => {
    assert.deepEqual(await valuesOf(item("k", json)), { k: value });
    assert.deepEqual(await valuesOf(item(["k"], json)), { k: value });
    assert.deepEqual(await valuesOf(item(["a", "b"], json)), { "a.b": value });
    assert.deepEqual(await valuesOf(item("a", `{"b":${json}}`)), { "a.b": value });
  });
}

test("history: nested names are joined by dots, and meet whatever way they are written", async () => {
  const values = await valuesOf(
    item(["n", "b", "c"], "1"),
    item("n", '{"list":[{"x":1}],"b":{"d.e":2,"f/g":3},"empty":{}}'),
    item("train/loss", "4"),
  );
  assert.deepEqual(values, {
    "n.b.c": 1,
    "n.list": [{ x: 1 }],
    "n.b.d.e": 2,
    "n.b.f/g": 3,
    "train/loss": 4,
  });
});

test("history: the client's own keys are no values, other underscores are", async () => {
  const values = await valuesOf(
    ...["_step", "_timestamp", "_runtime"].map((key) => item(key, "5")),
    item("_client_id", '"x"'),
    item("_under", "1"),
  );
  assert.deepEqual(values, { _under: 1 });
});

test("history: a key that comes twice has its last value", async () => {
  assert.deepEqual(await valuesOf(item("k", "1"), item("k", "2")), { k: 2 });
});

test("history: two values of the same name are told", async () => {
  const { events } = await readMade([history([item("n.b", "5"), item(["n", "b"], "7")])]);
  assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{ "n.b": 7 }]);
  assert.deepEqual(eventsOf(events, "unknown").map(({ record }) => record), [
    "history value of n.b, which the row has twice",
  ]);
});

const hostile: readonly string[] = [
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "", " ", ".", "a.b", "\0", "0"],
  ...["../../x", "\u{1F680}", "x".repeat(300)],
];

for (const key of hostile) {
  test(`keys: ${JSON.stringify(key).slice(0, 30)} is a key like any other`, async () => {
    const { events } = await readMade([
      history([item(key, "1")]),
      history([item(key, '"text"')]),
      history([item([key, "x"], "2")]),
      history([item(["x", key], "3")]),
      config([item(key, "1"), item(["deep", key], '{"y":1}')]),
      summary([item(key, "4"), item(["deep", key], "5")]),
      field(7, field(3, message(field(1, key), field(16, "6")))),
    ]);
    assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [
      own(key, 1),
      own(key, "text"),
      own(`${key}.x`, 2),
      own(`x.${key}`, 3),
    ]);
    const deep = (value: Json): Json => ({ deep: own(key, value) } as Json);
    const [settings] = eventsOf(events, "config");
    assert.deepEqual(settings?.set, { ...own(key, 1), ...deep({ y: 1 }) as object });
    const [result] = eventsOf(events, "summary");
    assert.deepEqual(result?.set, { ...own(key, 4), ...deep(5) as object });
    assert.deepEqual(eventsOf(events, "system").map(({ values }) => values), [own(key, 6)]);
    assert.equal(({} as Row)["x"], undefined);
    assert.equal(({} as Row)["y"], undefined);
  });
}

test("summary: later records win, objects merge, a plain value takes the place of an object", async () => {
  const { events } = await readMade([
    summary([item("a", "1"), item("b", '{"x":1}'), item(["c", "d"], "1"), item("e", '{"x":1}')]),
    summary([item("a", "2"), item(["b", "y"], "2"), item("c", '{"f":3}'), item("e", "5")]),
    summary([item("a", '{"last":3}'), item("e", '{"z":[1]}')]),
  ]);
  assert.deepEqual(eventsOf(events, "summary").map(({ set }) => set), [
    { a: { last: 3 }, b: { x: 1, y: 2 }, c: { d: 1, f: 3 }, e: { z: [1] } },
  ]);
});

test("summary: removal takes out a path and all below it, and a later update sets it again", async () => {
  const { events } = await readMade([
    summary([item("a", "1"), item("b", '{"x":{"y":1},"z":2}'), item("c", "3"), item("d", "4")]),
    summary([], [item("a"), item(["b", "x"]), item("never"), item(["c", "below"])]),
    summary([item("a", "7")], [item("d")]),
    summary([item("d", "8")]),
  ]);
  assert.deepEqual(eventsOf(events, "summary").map(({ set }) => set), [
    { a: 7, b: { z: 2 }, c: 3, d: 8 },
  ]);
});

test("summary: what the client keeps for itself is left out; nothing else is no event", async () => {
  const records = [
    summary([item(["_wandb", "runtime"], "3"), item("_step", "1"), item("_runtime", "2")]),
    summary([item("_timestamp", "1.5")]),
  ];
  const { events } = await readMade(records);
  assert.deepEqual(eventsOf(events, "summary"), []);
});

test("config: updates and removals are passed on in order, without the client's own", async () => {
  const { events } = await readMade([
    config([item("a", '{"b":1}'), item(["a", "c"], "2"), item("_wandb", '{"t":{}}')]),
    config([], [item("a"), item(["d", "e"]), item("_wandb")]),
    config([item(["_wandb", "code_path"], '"x"')]),
  ]);
  assert.deepEqual(eventsOf(events, "config").map(({ set, remove }) => [set, remove]), [
    [{ a: { b: 1, c: 2 } }, undefined],
    [{}, [["a"], ["d", "e"]]],
  ]);
});

for (const json of ["", "{", "nul", "1,2", "01", "+1", ".5", "[1", "'a'", "[".repeat(5000)]) {
  test(`malformed: ${JSON.stringify(json).slice(0, 20)} is told and nothing else is lost`, async () => {
    const { events } = await readMade([
      history([item("bad", json), item("good", "1")]),
      summary([item("bad", json), item("good", "2")]),
      config([item("bad", json), item("good", "3")]),
    ]);
    assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{ good: 1 }]);
    assert.deepEqual(eventsOf(events, "summary").map(({ set }) => set), [{ good: 2 }]);
    assert.deepEqual(eventsOf(events, "config").map(({ set }) => set), [{ good: 3 }]);
    assert.deepEqual(eventsOf(events, "unknown").map(({ record }) => record).sort(), [
      "config value of bad",
      "history value of bad",
      "summary value of bad",
    ]);
  });
}

test("malformed: a path of a hundred thousand names is told", async () => {
  const path = Array<string>(100_000).fill("a");
  const { events } = await readMade([
    history([item(path, "1"), item("good", "1")]),
    summary([item(path, "1"), item("good", "2")], [item(path)]),
    config([item(path, "1"), item("good", "3")]),
  ]);
  assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{ good: 1 }]);
  assert.deepEqual(eventsOf(events, "summary").map(({ set }) => set), [{ good: 2 }]);
  assert.deepEqual(eventsOf(events, "config").map(({ set }) => set), [{ good: 3 }]);
  assert.ok(eventsOf(events, "unknown").length >= 3);
});

test("malformed: a record that cannot be decoded is a gap, and its neighbours are read", async () => {
  const { events } = await readMade([
    history([item("a", "1")]),
    Uint8Array.of(0x12, 0x7f, 0x0a),
    history([item("a", "2")]),
  ]);
  assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(eventsOf(events, "gap").map(({ bytes, reason }) => [bytes, reason]), [
    [10, "a record that cannot be decoded"],
  ]);
});

test("unknown: a record of a later client is named with its size", async () => {
  const { events } = await readMade([field(99, "12345")]);
  assert.deepEqual(eventsOf(events, "unknown").map(({ record, bytes }) => [record, bytes]), [[
    99,
    5,
  ]]);
});

/** An item with a typed value and no JSON text. */
function typed(key: string | readonly string[], value: Uint8Array): Uint8Array {
  return message(item(key), value);
}

const zigzag = (value: bigint): bigint => BigInt.asUintN(64, value << 1n ^ value >> 63n);

const typedValues: readonly (readonly [string, Uint8Array, unknown])[] = [
  ["none", whole(3, 0), null],
  ["true", whole(4, 1), true],
  ["false", whole(4, 0), false],
  ["an integer", whole(5, zigzag(7n)), 7],
  ["a negative integer", whole(5, zigzag(-3n)), -3],
  ["an integer beyond 2^53", whole(5, zigzag(9007199254740993n)), 9007199254740993n],
  ["the smallest integer", whole(5, zigzag(-(1n << 63n))), -(1n << 63n)],
  ["the largest integer", whole(5, zigzag((1n << 63n) - 1n)), (1n << 63n) - 1n],
  ["a number", double(6, 0.1), 0.1],
  ["minus zero", double(6, -0), -0],
  ["NaN", double(6, NaN), NaN],
  ["infinity", double(6, -Infinity), -Infinity],
  ["a text", field(7, "\u4e2d"), "\u4e2d"],
  ["an empty text", field(7, ""), ""],
  ["a list", field(8, "[1,NaN]"), [1, NaN]],
];

for (const [title, value, expected] of typedValues) {
  test(`typed: ${title} is read without its JSON text`, async () => {
    assert.deepEqual(await valuesOf(typed("k", value)), { k: expected });
    assert.deepEqual(await valuesOf(typed(["a", "b"], value)), { "a.b": expected });
  });
}

test("typed: JSON text counts where there are both", async () => {
  assert.deepEqual(await valuesOf(message(item("k", "1"), double(6, 2))), { k: 1 });
});

test("typed: step and time are read", async () => {
  const { events } = await readMade([history([
    typed(["_step"], whole(5, zigzag(41n))),
    typed(["_timestamp"], double(6, 1.5)),
    typed(["k"], whole(5, zigzag(1n))),
  ])]);
  const [row] = eventsOf(events, "history");
  assert.deepEqual([row?.step, row?.time, row?.values], [41, 1500, { k: 1 }]);
});

test("typed: an item without any value is told", async () => {
  const { events } = await readMade([history([item("k"), item("good", "1")])]);
  assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{ good: 1 }]);
  assert.deepEqual(eventsOf(events, "unknown").map(({ record }) => record), ["history value of k"]);
});
