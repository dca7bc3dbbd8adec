/** History rows made by hand: nesting, media, odd values, steps, times. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import type { Json } from "../../../src/model/json.ts";
import { inScratch } from "../../contract/scratch.ts";
import { ofType, readRun } from "./fixture_runs.ts";
import { bytesField, historyRecord, item, logOf, message, record, runRecord } from "./made_log.ts";

/** The events of a run directory with these records. */
function eventsOf(...records: readonly Uint8Array[]): Promise<readonly RunEvent[]> {
  return inScratch(async (directory) => {
    const run = join(directory, "offline-run-20240101_000000-made");
    mkdirSync(join(run, "files"), { recursive: true });
    writeFileSync(join(run, "run-made.wandb"), logOf([runRecord({ id: "made" }), ...records]));
    return (await readRun(run)).events;
  });
}

type Items = readonly (readonly [path: readonly string[], json: string])[];

async function valuesOf(items: Items): Promise<{ readonly [key: string]: unknown }> {
  const [row] = ofType(await eventsOf(historyRecord(items)), "history");
  assert.ok(row);
  return row.values;
}

const values: readonly (readonly [name: string, items: Items, values: { [key: string]: Json }])[] =
  [
    ["numbers of every kind", [
      [["a"], "1.7954215701662228e+09"],
      [["b"], "NaN"],
      [["c"], "-Infinity"],
      [["d"], "9007199254740993"],
      [["e"], "-0"],
      [["f"], "1180591620717411303424"],
    ], { a: 1795421570.1662228, b: NaN, c: -Infinity, d: 9007199254740993n, e: -0, f: 2n ** 70n }],
    ["texts, booleans, null and arrays", [
      [["s"], '"NaN"'],
      [["t"], "true"],
      [["n"], "null"],
      [["l"], '[1,[2,{"k":Infinity}],"x"]'],
    ], { s: "NaN", t: true, n: null, l: [1, [2, { k: Infinity }], "x"] }],
    ["leaves of objects are joined by dots", [
      [["a", "b"], "1"],
      [["a", "c", "d"], "2"],
      [["e"], '{"f":{"g":3},"h":"i"}'],
    ], { "a.b": 1, "a.c.d": 2, "e.f.g": 3, "e.h": "i" }],
    ["a slash is an ordinary character", [[["train/loss"], "1"]], { "train/loss": 1 }],
    ["empty objects have nothing to log", [[["e"], "{}"], [["x"], "1"]], { x: 1 }],
    ["names that look the same in one row stay apart", [
      [["a.b"], "1"],
      [["a", "b"], "2"],
    ], { "a\\.b": 1, "a.b": 2 }],
    ["a name with a dot alone is as it is", [[["a.b"], "1"]], { "a.b": 1 }],
    ["an underscore does not make a name the client's", [[["_under"], "1"]], { _under: 1 }],
    ["a `_type` of the row itself is a value", [[["_type"], '"x"'], [["y"], "1"]], {
      _type: "x",
      y: 1,
    }],
    ["a `_type` that is no text does not make a media value", [
      [["a", "_type"], "5"],
      [["a", "b"], "1"],
    ], { "a._type": 5, "a.b": 1 }],
    ["the last of two items with one key counts", [[["a"], "1"], [["a"], "2"]], { a: 2 }],
    ["a `_step` that is none is a value", [[["_step"], "5.5"], [["a"], "1"]], { _step: 5.5, a: 1 }],
  ];

for (const [name, items, expected] of values) {
  test(name, async () => {
    assert.deepEqual(
      new Map(Object.entries(await valuesOf(items))),
      new Map(Object.entries(expected)),
    );
    const shuffled = await valuesOf(
      items.length === 2 && items[0]?.[0][0] === "a" ? items : items.toReversed(),
    );
    assert.deepEqual(new Set(Object.keys(shuffled)), new Set(Object.keys(expected)));
  });
}

test("hostile keys are ordinary properties", async () => {
  const names = ["__proto__", "constructor", "toString", "", "0", "a\0b"];
  const found = await valuesOf(names.map((name, index) => [[name], `${index}`]));
  for (const [index, name] of names.entries()) {
    assert.ok(Object.hasOwn(found, name), name);
    assert.equal(found[name], index);
  }
  assert.equal(Object.getPrototypeOf(found), Object.prototype);
  const inside = await valuesOf([[["a"], '{"__proto__":{"x":1}}'], [["__proto__", "y"], "2"]]);
  assert.deepEqual(Object.entries(inside).sort(), [["__proto__.y", 2], ["a.__proto__.x", 1]]);
});

test("rows of many shapes in any order have their own values", async () => {
  const rows = Array.from({ length: 2000 }, (_, row) => {
    const keys = Array.from(
      { length: 1 + row % 7 },
      (_, index) => `k${(row * 31 + index * 7) % 40}`,
    );
    return new Map(keys.map((key, index) => [key, row * 10 + index]));
  });
  const records = rows.map((row, step) =>
    historyRecord([...row].map(([key, value]) => [[key], `${value}`] as const), step)
  );
  const found = ofType(await eventsOf(...records), "history");
  assert.deepEqual(found.map((row) => new Map(Object.entries(row.values))), rows);
});

test("steps and times follow the client's rules", async () => {
  const row = (parts: { [name: string]: string }, step?: number): Buffer =>
    historyRecord(Object.entries(parts).map(([name, value]) => [[name], value] as const), step);
  const events = await eventsOf(
    row({ x: "1", _step: "3", _timestamp: "1700000001.5" }, 3),
    row({ x: "2", _runtime: "2.5" }, 7),
    row({ x: "3" }),
    row({ x: "4" }, 2),
    row({ x: "5", _step: '"5"' }),
    row({ x: "6", _timestamp: "NaN" }),
  );
  const rows = ofType(events, "history");
  assert.deepEqual(rows.map(({ step, time, values }) => [step, time, values["x"]]), [
    [3, 1700000001500, 1],
    [7, 1700000002500, 2],
    [8, 1700000000000, 3],
    [9, 1700000000000, 5],
    [10, 1700000000000, 6],
  ]);
  assert.deepEqual(rows[3]?.values, { x: 5, _step: "5" }, "a step that is a text is a value");
  assert.deepEqual(ofType(events, "unknown").map(({ record }) => record), [
    "history row whose step 2 is over",
  ]);
});

test("a run that starts later counts from there", async () => {
  const events = await inScratch(async (directory) => {
    const run = join(directory, "run-made.wandb");
    const first = runRecord({ id: "made", startingStep: 40 });
    writeFileSync(run, logOf([first, historyRecord([[["x"], "1"]])]));
    return (await readRun(run)).events;
  });
  assert.deepEqual(ofType(events, "history").map(({ step }) => step), [40]);
});

test("typed values count where there is no JSON", async () => {
  const double = Buffer.alloc(9);
  double[0] = 0x31;
  double.writeDoubleLE(-0.5, 1);
  const zigzag = (value: number): Buffer => message({ 2: "i", 5: value });
  const items = [
    message({ 2: "t", 7: "text" }),
    zigzag(13),
    zigzag(14),
    Buffer.concat([message({ 2: "d" }), double]),
    message({ 2: "b", 4: 1 }),
    message({ 2: "j", 8: "[1,NaN]" }),
    message({ 2: "n", 3: 0 }),
    message({ 2: "both", 5: 2, 16: "1" }),
  ];
  const history = Buffer.concat(items.map((one) => bytesField(1, one)));
  const [row] = ofType(await eventsOf(record(2, history)), "history");
  assert.deepEqual(row?.values, {
    t: "text",
    i: 7,
    d: -0.5,
    b: true,
    j: [1, NaN],
    n: null,
    both: 1,
  });
  const negative = Buffer.concat([bytesField(1, zigzag(13))]);
  const [other] = ofType(await eventsOf(record(2, negative)), "history");
  assert.deepEqual(other?.values, { i: -7 });
});

test("an item whose value is not JSON is told, and its row is kept", async () => {
  const events = await eventsOf(historyRecord([[["bad"], "{oops"], [["good"], "1"]]));
  assert.deepEqual(ofType(events, "history")[0]?.values, { good: 1 });
  assert.deepEqual(ofType(events, "unknown").map(({ record }) => record), ["history bad"]);
});

test("a path of a hundred thousand names is told, not followed", async () => {
  const deep = Array.from({ length: 100_000 }, () => "x");
  const summary = record(3, { 1: item(deep, "1") });
  const config = record(5, { 1: item(deep, "1") });
  const events = await eventsOf(
    historyRecord([[deep, '{"a":1}'], [["good"], "1"]]),
    summary,
    config,
  );
  assert.deepEqual(ofType(events, "history")[0]?.values, { good: 1 });
  assert.equal(ofType(events, "unknown").length, 3);
});

const media: readonly (readonly [name: string, value: Json, kind: string, items: Json])[] = [
  [
    "an image",
    { _type: "image-file", path: "media/i.png", size: 3, sha256: "ab", width: 1 },
    "image",
    [
      { file: { path: "files/media/i.png", bytes: 3, sha256: "ab" }, data: { width: 1 } },
    ],
  ],
  [
    "images without names",
    {
      _type: "images/separated",
      count: 2,
      format: "png",
      captions: ["one", null],
    },
    "image",
    [
      { file: { path: "files/media/images/k_0_0.png" }, caption: "one", data: { format: "png" } },
      { file: { path: "files/media/images/k_0_1.png" }, data: { format: "png" } },
    ],
  ],
  [
    "audio",
    {
      _type: "audio",
      count: 1,
      audio: [{ _type: "audio-file", path: "a.wav" }],
      sampleRates: [8000],
      durations: [null],
      captions: ["c"],
    },
    "audio",
    [{ file: { path: "files/a.wav" }, caption: "c", data: { sampleRate: 8000 } }],
  ],
  ["3D objects", { _type: "object3D", filenames: ["o.obj"], count: 1 }, "object3d", [
    { file: { path: "files/media/object3D/o.obj" } },
  ]],
  [
    "molecules",
    { _type: "molecule", filenames: ["m/x.pdb"], count: 1, captions: false },
    "molecule",
    [
      { file: { path: "files/m/x.pdb" } },
    ],
  ],
  ["a histogram", { _type: "histogram", values: [1], bins: [0, 1] }, "histogram", [
    { data: { values: [1], bins: [0, 1] } },
  ]],
  [
    "a packed histogram",
    { _type: "histogram", packedBins: { min: 0, size: 1, count: 1 } },
    "histogram",
    [
      { data: { packedBins: { min: 0, size: 1, count: 1 } } },
    ],
  ],
  ["a trace", { _type: "wb_trace_tree", root_span_dumps: "{}" }, "trace", [
    { data: { root_span_dumps: "{}" } },
  ]],
  ["an old plotly chart", { _type: "plotly", plot: { data: [] } }, "plotly", [
    { data: { plot: { data: [] } } },
  ]],
  ["a type of its own", { _type: "eval-table", path: "e.json", rows: 2 }, "eval-table", [
    { file: { path: "files/e.json" }, data: { rows: 2 } },
  ]],
  [
    "a table in an artifact only",
    {
      _type: "joined-table",
      artifact_path: "wandb-client-artifact://nobody/t.json",
    },
    "table",
    [{ data: { artifact_path: "wandb-client-artifact://nobody/t.json" } }],
  ],
];

for (const [name, value, kind, items] of media) {
  for (const whole of [true, false]) {
    test(`${name}, ${whole ? "written whole" : "taken apart"}, is one media value`, async () => {
      const parts: Items = whole
        ? [[["k"], JSON.stringify(value)]]
        : Object.entries(value as object).map(([key, inner]) =>
          [["k", key], JSON.stringify(inner)] as const
        );
      const events = await eventsOf(historyRecord(parts));
      assert.deepEqual(ofType(events, "history").map(({ values }) => values), [{}]);
      const [event, ...more] = ofType(events, "media");
      assert.deepEqual(more, []);
      assert.deepEqual([event?.key, event?.kind, event?.items], ["k", kind, items]);
    });
  }
}

test("an array of different media becomes a media value for each kind", async () => {
  const value = [
    { _type: "image-file", path: "i.png" },
    { _type: "html-file", path: "h.html" },
    5,
    { _type: "image-file", path: "j.png" },
  ];
  const events = await eventsOf(historyRecord([[["mix"], JSON.stringify(value)], [["x"], "1"]]));
  assert.deepEqual(ofType(events, "history")[0]?.values, { x: 1 });
  assert.deepEqual(ofType(events, "media").map(({ kind, items }) => [kind, items]), [
    ["image", [
      { file: { path: "files/i.png" }, data: { index: 0 } },
      { file: { path: "files/j.png" }, data: { index: 3 } },
    ]],
    ["html", [{ file: { path: "files/h.html" }, data: { index: 1 } }]],
    ["json", [{ data: { index: 2, value: 5 } }]],
  ]);
});

test("an address into an artifact of the same log leads to its file", async () => {
  const entry = { 1: "t.table.json", 4: 9, 6: "/elsewhere/tmp1" };
  const made = record(8, {
    4: "run_table",
    5: "t",
    12: { 4: entry },
    15: "client",
    16: "sequence",
  });
  const table = JSON.stringify({
    _type: "partitioned-table",
    artifact_path: "wandb-client-artifact://client/t.table.json",
  });
  const events = await eventsOf(made, historyRecord([[["t"], table]]));
  const [event] = ofType(events, "media");
  assert.deepEqual(event?.items[0]?.file, { path: "/elsewhere/tmp1", bytes: 9 });
});
