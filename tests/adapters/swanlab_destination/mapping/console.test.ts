import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { LineNumbers } from "../../../../adapters/destinations/swanlab/mapping/line_numbers.ts";
import { fixtureRuns, ofType } from "../../wandb/fixture_runs.ts";
import { mapFixture, mapMade, mapOnly } from "./mapped.ts";

test("every line of every run arrives with its number, level and time", async () => {
  for (const run of fixtureRuns) {
    for (const mapped of await mapFixture(run.path)) {
      const lines = ofType(mapped.events, "console");
      assert.deepEqual(
        mapped.logs.slice(0, lines.length).map(({ message, epoch, level, time }) => [
          ...[message, epoch, level, time],
        ]),
        lines.map(({ text, line, stream, time }) => [
          ...[text, line, stream === "stderr" ? "WARN" : "INFO", time],
        ]),
        run.name,
      );
    }
  }
});

test("alerts are lines behind those of the terminal, one for each of theirs", async () => {
  const { logs, events } = await mapOnly("wandb/0.31.0/basic");
  const last = ofType(events, "history").at(-1)?.time;
  assert.deepEqual(logs.slice(-3), [
    { level: "WARN", message: "Synthetic alert: loss is low", time: last, epoch: 14 },
    { level: "WARN", message: "second line", time: last, epoch: 15 },
    { level: "INFO", message: "Plain alert: info text", time: last, epoch: 16 },
  ]);
});

test("alerts have the level that comes closest", () => {
  const levels = ["ERROR", "warning", "WARN", "INFO", "other"];
  const { logs } = mapMade(levels.map((level) => ({ type: "alert", title: "t", text: "", level })));
  assert.deepEqual(logs.map(({ level, message, epoch }) => [level, message, epoch]), [
    ["ERROR", "t", 1],
    ["WARN", "t", 2],
    ["WARN", "t", 3],
    ["INFO", "t", 4],
    ["INFO", "t", 5],
  ]);
});

test("lines whose number is taken get the one after the largest", () => {
  const { logs } = mapMade([3, 1, 3, 2, 0, 9].map((line) => ({
    type: "console",
    stream: "stdout",
    text: `${line}`,
    line,
  })));
  assert.deepEqual(logs.map(({ message, epoch }) => [message, epoch]), [
    ["3", 3],
    ["1", 1],
    ["3", 4],
    ["2", 2],
    ["0", 5],
    ["9", 9],
  ]);
});

test("no two lines have one number, and a free one is always given", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 30 })), (wanted) => {
    const numbers = new LineNumbers();
    const taken = new Set<number>();
    for (const number of wanted) {
      const given = numbers.claim(number);
      assert.equal(given, taken.has(number) ? Math.max(...taken) + 1 : number);
      taken.add(given);
    }
    assert.equal(numbers.next(), Math.max(0, ...taken) + 1);
  }));
});
