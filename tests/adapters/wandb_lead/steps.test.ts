import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsOf } from "./fixture_runs.ts";
import { history, item, whole } from "./log_writer.ts";
import { field, run } from "./log_writer.ts";
import { readMade } from "./made_run.ts";

/** `_step` as JSON text, or the step of the record, or both. */
interface Row {
  readonly item?: string;
  readonly nested?: true;
  readonly explicit?: number | bigint;
}

function rowOf({ item: own, nested, explicit }: Row): Uint8Array {
  const items = own === undefined ? [] : [item(nested ? ["_step"] : "_step", own)];
  return history([item("loss", "1"), ...items], explicit);
}

const table: readonly (readonly [string, readonly Row[], readonly (number | bigint)[]])[] = [
  ["rows without any step count from 0", [{}, {}, {}], [0, 1, 2]],
  ["an item counts", [{ item: "5" }, {}, { item: "9" }], [5, 6, 9]],
  ["a nested item of one name counts", [{ item: "5", nested: true }], [5]],
  ["an item never goes back", [{ item: "5" }, { item: "2" }, { item: "5" }, {}], [5, 6, 7, 8]],
  ["an item goes before the record's step", [{ item: "5", explicit: 50 }], [5]],
  ["the record's step counts without an item", [{ explicit: 4 }, { explicit: 8 }, {}], [4, 8, 9]],
  ["the record's step may be 0", [{ explicit: 0 }, { explicit: 1 }], [0, 1]],
  ["a record's step that goes back drops the row", [{ explicit: 4 }, { explicit: 2 }, {}], [4, 5]],
  ["a negative item counts as the next step", [{ item: "-3" }, {}], [0, 1]],
  ...['"5"', "5.5", "5.0", "5e0", "null", "true", "{}", "[5]", "NaN", "Infinity"].map((own) =>
    [`${own} is no step`, [{ item: own, explicit: 7 }, { item: own }], [7, 8]] as const
  ),
  [
    "steps beyond 2^53 stay exact",
    [{ item: "9007199254740993" }, {}, { item: "9223372036854775807" }, { explicit: 1n << 62n }],
    [9007199254740993n, 9007199254740994n, 9223372036854775807n],
  ],
  [
    "the step after the largest exact number is exact",
    [{ item: "9007199254740991" }, {}, {}],
    [9007199254740991, 9007199254740992n, 9007199254740993n],
  ],
];

for (const [title, rows, steps] of table) {
  test(`steps: ${title}`, async () => {
    const { events } = await readMade(rows.map(rowOf));
    assert.deepEqual(eventsOf(events, "history").map(({ step }) => step), steps);
    const dropped = eventsOf(events, "unknown").map(({ record }) => record);
    const lost = rows.length - steps.length;
    assert.deepEqual(dropped, Array(lost).fill("history row whose step goes back"));
  });
}

test("steps: a run record says where a resumed run goes on", async () => {
  const { events } = await readMade([run("made", whole(14, 100)), history([item("loss", "1")])]);
  assert.deepEqual(eventsOf(events, "history").map(({ step }) => step), [100]);
});

test("steps: a row's time is its own, else the start of the run and its run time", async () => {
  const start = run("made", field(17, whole(1, 1000)));
  const row = (...items: readonly Uint8Array[]) => history([item("loss", "1"), ...items]);
  const { events } = await readMade([
    row(),
    start,
    row(item("_timestamp", "12.5"), item("_runtime", "3")),
    row(item("_runtime", "3.25")),
    row(),
    row(item("_timestamp", "NaN"), item("_runtime", "Infinity")),
  ]);
  const times = eventsOf(events, "history").map(({ time }) => time);
  assert.deepEqual(times, [undefined, 12_500, 1_003_250, 1_000_000, 1_000_000]);
});
