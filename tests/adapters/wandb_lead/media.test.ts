import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaEvent } from "../../../src/model/event.ts";
import type { Json } from "../../../src/model/json.ts";
import { eventsOf } from "./fixture_runs.ts";
import { field, history, item, message } from "./log_writer.ts";
import { readMade } from "./made_run.ts";

async function mediaOf(value: Json, step = 7): Promise<Partial<MediaEvent>> {
  const own = item("_step", `${step}`);
  const { events } = await readMade([history([own, item("k", JSON.stringify(value))])]);
  const [event, ...more] = eventsOf(events, "media");
  assert.deepEqual(more, []);
  assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{}]);
  assert.ok(event !== undefined);
  assert.deepEqual([event.step, event.key], [step, "k"]);
  return { kind: event.kind, items: event.items };
}

const digest = "a".repeat(64);
const file = { path: "media/x", sha256: digest, size: 3 };
const ref = { path: "files/media/x", sha256: digest, bytes: 3 };

const table: readonly (readonly [Json, MediaEvent["kind"], MediaEvent["items"]])[] = [
  [
    { _type: "image-file", ...file, width: 4, caption: "c" },
    "image",
    [{ file: ref, caption: "c", data: { width: 4 } }],
  ],
  [
    {
      _type: "image-file",
      path: "i",
      boxes: { b: { _type: "boxes2D", ...file, extra: 1 } },
      masks: { m: { _type: "mask", ...file } },
    },
    "image",
    [
      { file: { path: "files/i" } },
      { file: ref, data: { extra: 1, overlay: "boxes", name: "b", image: 0 } },
      { file: ref, data: { overlay: "mask", name: "m", image: 0 } },
    ],
  ],
  [
    { _type: "images/separated", count: 2, format: "png", width: 4, captions: ["a", null] },
    "image",
    [
      {
        file: { path: "files/media/images/k_7_0.png" },
        caption: "a",
        data: { format: "png", width: 4 },
      },
      { file: { path: "files/media/images/k_7_1.png" }, data: { format: "png", width: 4 } },
    ],
  ],
  [
    {
      _type: "images/separated",
      count: 2,
      filenames: ["a.png", "b.png"],
      all_boxes: [null, { b: file }],
      all_masks: [{ m: file }, null],
    },
    "image",
    [
      { file: { path: "files/a.png" }, data: {} },
      { file: ref, data: { overlay: "mask", name: "m", image: 0 } },
      { file: { path: "files/b.png" }, data: {} },
      { file: ref, data: { overlay: "boxes", name: "b", image: 1 } },
    ],
  ],
  [
    {
      _type: "audio",
      count: 2,
      audio: [{ _type: "audio-file", ...file }, { _type: "audio-file", path: "y" }],
      sampleRates: [8000, null],
      durations: [1.5, 2],
      captions: ["one", ""],
    },
    "audio",
    [
      { file: ref, caption: "one", data: { sampleRate: 8000, duration: 1.5 } },
      { file: { path: "files/y" }, data: { duration: 2 } },
    ],
  ],
  [
    { _type: "videos", count: 1, videos: [{ ...file, caption: "v", width: 2 }], captions: false },
    "video",
    [{ file: ref, caption: "v", data: { width: 2 } }],
  ],
  [
    { _type: "object3D", filenames: ["a.obj"], count: 1, objects: [{ ...file }] },
    "object3d",
    [{ file: ref }],
  ],
  [
    { _type: "object3D", filenames: ["a.obj", "media/object3D/b.obj"], count: 2 },
    "object3d",
    [
      { file: { path: "files/media/object3D/a.obj" } },
      { file: { path: "files/media/object3D/b.obj" } },
    ],
  ],
  [
    { _type: "molecule", filenames: ["media/molecule/a.pdb"], captions: ["gly"] },
    "molecule",
    [{ file: { path: "files/media/molecule/a.pdb" }, caption: "gly" }],
  ],
  [
    { _type: "histogram", values: [1, 2], bins: [0, 1, 2] },
    "histogram",
    [{ data: { values: [1, 2], bins: [0, 1, 2] } }],
  ],
  [
    { _type: "histogram", packedBins: { min: 0, size: 1, count: 2 }, values: [1, 2] },
    "histogram",
    [{ data: { packedBins: { min: 0, size: 1, count: 2 }, values: [1, 2] } }],
  ],
  [{ _type: "wb_trace_tree", root_span_dumps: "{}" }, "trace", [{
    data: { root_span_dumps: "{}" },
  }]],
  [{ _type: "plotly", plot: { x: 1 } }, "plotly", [{ data: { x: 1 } }]],
  [
    [{ _type: "html-file", path: "a" }, { _type: "image-file", path: "b" }],
    "html",
    [{ file: { path: "files/a" } }, { file: { path: "files/b" } }],
  ],
  [{ _type: "of-the-future", path: "a", x: 1 }, "of-the-future", [{ data: { path: "a", x: 1 } }]],
];

for (const [value, kind, items] of table) {
  test(`media: ${JSON.stringify(value).slice(0, 70)}`, async () => {
    assert.deepEqual(await mediaOf(value), { kind, items });
  });
}

test("media: leaves of one value in any order are one value, and its neighbours are metrics", async () => {
  const { events } = await readMade([history([
    item(["grp", "img", "path"], '"a.png"'),
    item(["grp", "x"], "1"),
    item(["grp", "img", "size"], "5"),
    item(["grp", "img", "_type"], '"image-file"'),
  ])]);
  assert.deepEqual(eventsOf(events, "history").map(({ values }) => values), [{ "grp.x": 1 }]);
  assert.deepEqual(eventsOf(events, "media").map(({ key, items }) => [key, items]), [
    ["grp.img", [{ file: { path: "files/a.png", bytes: 5 } }]],
  ]);
});

test("media: a count beyond reason names no more than ten thousand files", async () => {
  const { items } = await mediaOf({ _type: "images/separated", count: 1e9, format: "png" });
  assert.equal(items?.length, 10_000);
});

test("media: a file in an artifact of the same log is found by its address", async () => {
  const artifact = field(
    8,
    message(
      field(4, "run_table"),
      field(5, "n"),
      field(12, field(4, message(field(1, "t.table.json"), field(6, "/data/t")))),
      field(15, "client"),
      field(16, "sequence"),
    ),
  );
  const value = (address: string) =>
    history([item("t", JSON.stringify({ _type: "joined-table", artifact_path: address }))]);
  const { events } = await readMade([
    artifact,
    value("wandb-client-artifact://client/t.table.json"),
    value("wandb-client-artifact://sequence:latest/t.table.json"),
    value("wandb-client-artifact://other/t.table.json"),
  ]);
  const files = eventsOf(events, "media").map(({ items }) => items[0]?.file?.path);
  assert.deepEqual(files, ["/data/t", "/data/t", undefined]);
});
