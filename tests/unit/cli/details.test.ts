import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gatherDetails } from "../../../src/cli/details.ts";
import { detailsJson } from "../../../src/cli/json_details.ts";
import { painter } from "../../../src/cli/style.ts";
import { detailsLines } from "../../../src/cli/text_details.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { ListedReader } from "./listed_reader.ts";

const events: readonly RunEvent[] = [
  {
    type: "run",
    seq: 0,
    id: "r1",
    name: "first name",
    tags: ["a", "b"],
    startedAt: 1_795_421_495_000,
    writer: { tracker: "wandb", format: "G2" },
  },
  { type: "run", seq: 1, id: "r1", name: "last name", writer: { tracker: "wandb", format: "G2" } },
  { type: "config", seq: 2, set: { lr: 0.1, model: { layers: 2, drop: 0.5 }, ["__proto__"]: 1 } },
  { type: "config", seq: 3, set: { model: { layers: 4 } }, remove: [["model", "drop"]] },
  { type: "history", seq: 4, step: 0, values: { loss: 1, note: "\x1b[31mred" } },
  { type: "history", seq: 5, step: 1, values: { loss: 0.25 } },
  { type: "history", seq: 6, step: 2, values: { loss: NaN } },
  { type: "system", seq: 7, values: { "gpu.0": 50 } },
  {
    type: "media",
    seq: 8,
    step: 2,
    key: "sample",
    kind: "image",
    items: [{ caption: "x" }, { caption: "y" }],
  },
  {
    type: "file",
    seq: 9,
    name: "m.pt",
    file: { path: "files/m.pt", bytes: 2000 },
    purpose: "saved",
  },
  ...Array.from({ length: 12 }, (_, index): RunEvent => ({
    type: "console",
    seq: 10 + index,
    stream: index === 11 ? "stderr" : "stdout",
    text: `line ${index}`,
    line: index + 1,
  })),
  { type: "gap", seq: 22, offset: 4096, bytes: 100, reason: "a checksum is wrong" },
  { type: "unknown", seq: 23, record: 99, bytes: 5 },
  { type: "finish", seq: 24, time: 1_795_421_555_000, state: "failed", exitCode: 1 },
];

const tail = { offset: 9000, bytes: 3, reason: "a record is cut short" };
const style = { paint: painter(false), columns: 80, cwd: "/data", verbose: false };

const expected = `\
run-1
  id          r1
  name        last name
  tags        a, b
  state       failed (exit code 1)
  started     2026-11-23 08:11:35 UTC, 1 min 0 s until its last event
  steps       3
  points      7
  size        1.2 kB
  events      2 run, 2 config, 3 history, 1 system, 1 media, 1 file, 12 console,
              1 gap, 1 unknown, 1 finish
  written by  wandb 0.31.0, G2
  path        run-1

config
  lr: 0.1
  model:
    layers: 4
  __proto__: 1

metrics
  KEY   SHAPE         LAST   MIN  MAX  POINTS  STEPS
  loss  █▁×            NaN  0.25    1       3    0-2
  note         \\x1b[31mred     -    -       1      0

system
  1 key, 1 point; -v shows them.

media
  KEY     KIND   ITEMS  TIMES  LAST STEP
  sample  image      2      1          2

files
  m.pt (2.0 kB)

console
  the last of 12 lines:
${Array.from({ length: 9 }, (_, index) => `  │ line ${index + 2}`).join("\n")}
  ! line 11

damage
  100 bytes at 4,096: a checksum is wrong
  1 record of a kind that is not known
  The log ends early at byte 9,000, 3 bytes before its end (a record is cut
  short): the job was killed or still runs.`;

describe("show", () => {
  it("tells everything about a run in sections", async () => {
    const details = await gatherDetails(new ListedReader([events], tail));
    assert.equal(
      detailsLines(details, style).join("\n"),
      expected,
    );
  });

  it("does not grow with the number of points", async () => {
    const many = Array.from(
      { length: 20_000 },
      (_, step): RunEvent => ({ type: "history", seq: step, step, values: { x: step } }),
    );
    const { metrics } = await gatherDetails(new ListedReader([many]));
    const [x] = metrics;
    assert.deepEqual([x?.points, x?.min, x?.max, x?.lastStep], [20_000, 0, 19_999, 19_999]);
    const shape = x?.sketch.values(1000) ?? [];
    assert.ok(shape.length <= 128, `${shape.length} buckets`);
    assert.deepEqual(shape, shape.toSorted((a, b) => a - b));
  });

  it("tells the same as JSON", async () => {
    const json = detailsJson(await gatherDetails(new ListedReader([events], tail)));
    assert.equal(json["type"], "show");
    assert.equal(JSON.stringify(json["config"]), '{"lr":0.1,"model":{"layers":4},"__proto__":1}');
    assert.deepEqual(json["metrics"], [
      { key: "loss", points: 3, firstStep: 0, lastStep: 2, last: NaN, min: 0.25, max: 1 },
      {
        key: "note",
        points: 1,
        firstStep: 0,
        lastStep: 0,
        last: "\x1b[31mred",
        min: undefined,
        max: undefined,
      },
    ]);
    assert.deepEqual(json["tail"], tail);
  });
});
