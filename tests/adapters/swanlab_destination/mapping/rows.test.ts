import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureRuns, ofType } from "../../wandb/fixture_runs.ts";
import { held, mapFixture, mapMade, mapOnly, type Mapped, textsOf } from "./mapped.ts";

/** How often each key got each kind of value in the rows. */
function rowsOf({ events }: Mapped): ReadonlyMap<string, { numbers: unknown[][]; texts: number }> {
  const keys = new Map<string, { numbers: unknown[][]; texts: number }>();
  for (const { step, time, values } of ofType(events, "history")) {
    for (const [key, value] of Object.entries(values)) {
      const counted = keys.get(key) ?? { numbers: [], texts: 0 };
      keys.set(key, counted);
      if (typeof value === "string" || Array.isArray(value)) counted.texts++;
      else if (value !== null) counted.numbers.push([Number(step), time, Number(value)]);
    }
  }
  return keys;
}

/** Whether a key of the fixtures is within SwanLab's rules. */
const allowed = (key: string): boolean =>
  key !== "" && !/^[ \t./]|[ \t./]$|[\u0000-\u001f]/.test(key);

test("every number of every run arrives at its step and time, every text as a text", async () => {
  let keys = 0;
  for (const run of fixtureRuns) {
    for (const mapped of await mapFixture(run.path)) {
      for (const [key, { numbers, texts }] of rowsOf(mapped)) {
        if (!allowed(key) || numbers.length + texts === 0) continue;
        const column = held(mapped, key);
        const points = column.points.map(({ step, time, value }) => [step, time, value]);
        assert.deepEqual(points, numbers, `${run.name} ${key}`);
        assert.equal(
          column.media.filter(({ items }) => items[0]?.text !== undefined).length,
          texts,
          `${run.name} ${key}`,
        );
        keys++;
      }
    }
  }
  assert.ok(keys > 1000);
});

test("nothing becomes a metric that nobody logged", async () => {
  for (const run of fixtureRuns) {
    for (const mapped of await mapFixture(run.path)) {
      const logged = new Set([
        ...rowsOf(mapped).keys(),
        ...ofType(mapped.events, "media").map(({ key }) => key),
        ...ofType(mapped.events, "metric").flatMap(({ key, kind }) => kind === "chart" ? key : []),
      ]);
      const own = [...mapped.columns.values()].filter(({ column }) => !column.system)
        .map(({ column }) => column.key);
      const made = own.filter((key) => !logged.has(key));
      assert.ok(made.every((key) => ["lead", "trail", "tab_key", "up", "(empty)"].includes(key)));
      assert.ok(
        own.every((key) => {
          const { points, media } = held(mapped, key);
          return points.length + media.length > 0;
        }),
        run.name,
      );
    }
  }
});

test("values keep what they are", async () => {
  const mapped = await mapOnly("wandb/0.31.0/values");
  const value = (key: string): number | undefined => held(mapped, key).points.at(-1)?.value;
  const cases: readonly (readonly [string, number])[] = [
    ["nan", NaN],
    ["pinf", Infinity],
    ["ninf", -Infinity],
    ["negzero", -0],
    ["tiny", 5e-324],
    ["t", 1],
    ["fa", 0],
    ["i64max", 2 ** 63],
    ["safe", 2 ** 53],
    ["n.b.c", 9],
    ["__proto__", 13],
  ];
  for (const [key, expected] of cases) assert.ok(Object.is(value(key), expected), key);
  assert.deepEqual(textsOf(mapped, "s"), ["text"]);
  assert.deepEqual(textsOf(mapped, "s_nan"), ["NaN"]);
  assert.deepEqual(textsOf(mapped, "s_empty"), [""]);
  assert.deepEqual(textsOf(mapped, "list"), ['[1,2.5,"x",null,NaN,{"k":Infinity}]']);
  assert.deepEqual(textsOf(mapped, "np_small"), ["[[0,1,2],[3,4,5]]"]);
});

test("what a number cannot say is counted once an event, with an example", async () => {
  const { losses } = await mapOnly("wandb/0.31.0/values");
  const found = losses.filter(({ seq }) => seq !== undefined)
    .map(({ kind, reason, example }) => [kind, reason, example]);
  assert.deepEqual(found, [
    ["converted", "an integer beyond 2^53 was rounded", "i64max: 9223372036854775807"],
    ["unsupported", "null is no value that SwanLab has", "null"],
    ["unsupported", "null is no value that SwanLab has", "n.null"],
  ]);
});

test("a key with values of two types has two columns", () => {
  const mapped = mapMade([
    { type: "history", step: 0, values: { mixed: 1 } },
    { type: "history", step: 1, values: { mixed: "one" } },
    { type: "history", step: 2, values: { mixed: 2, "mixed (text)": 3 } },
  ]);
  assert.deepEqual(held(mapped, "mixed").points.map(({ value }) => value), [1, 2]);
  assert.deepEqual(textsOf(mapped, "mixed (text)"), ["one"]);
  const other = [...mapped.columns.keys()].find((key) => key.startsWith("mixed (text)~"));
  assert.deepEqual(held(mapped, other ?? "").points.map(({ value }) => value), [3]);
  assert.deepEqual(mapped.losses.map(({ kind, reason, example }) => [kind, reason, example]), [
    ["converted", "a key has values of more than one type", "mixed → mixed (text)"],
    ["converted", "two keys would have been one", `mixed (text) → ${other}`],
  ]);
});

test("what has a step that no host keeps is counted as lost", () => {
  const file = { path: "files/a.png" };
  const mapped = mapMade([
    { type: "history", step: 2n ** 60n + 1n, values: { a: 1, b: 2 } },
    { type: "history", step: 2n ** 60n, values: { a: 2 } },
    { type: "media", step: -1, key: "c", kind: "image", items: [{ file }] },
    { type: "history", step: 2 ** 53 - 1, values: { a: 1 } },
  ]);
  assert.deepEqual([...mapped.columns.keys()], ["a"]);
  assert.deepEqual(held(mapped, "a").points.map(({ step }) => step), [2 ** 60, 2 ** 53 - 1]);
  assert.deepEqual(mapped.losses, [
    {
      seq: 0,
      kind: "unsupported",
      reason: "a step that no double holds",
      example: "1152921504606846977",
    },
    { seq: 2, kind: "unsupported", reason: "a step below 0", example: "-1" },
  ]);
});

test("a record that nobody knows is counted, a gap is left to the core", () => {
  const { losses } = mapMade([
    { type: "unknown", record: 99, bytes: 5 },
    { type: "gap", offset: 0, bytes: 1, reason: "damage" },
  ]);
  assert.deepEqual(losses, [{
    seq: 0,
    kind: "unsupported",
    reason: "a record of a kind that is not known",
    example: "99",
  }]);
});
