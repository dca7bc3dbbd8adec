import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type {
  ColumnType,
  Content,
} from "../../../../adapters/destinations/swanlab/mapping/outbox.ts";
import { fixtureRuns, ofType } from "../../wandb/fixture_runs.ts";
import { held, mapFixture, mapMade, mapOnly, type Mapped, objectOf, textsOf } from "./mapped.ts";

const mediaRuns = fixtureRuns.filter(({ name }) => name.endsWith("/media"));

/** Columns of the fixtures by key. */
const types: readonly (readonly [string, ColumnType, string])[] = [
  ["img_file", "IMAGE", "png"],
  ["eval/img_pil", "IMAGE", "png"],
  ["images [list]*", "IMAGE", "png"],
  ["boxed", "IMAGE", "png"],
  ["audio/tone", "AUDIO", "wav"],
  ["audio_list", "AUDIO", "wav"],
  ["clip", "IMAGE", "gif"],
  ["page", "HTML", "html"],
  ["pages", "HTML", "html"],
  ["cloud", "OBJECT3D", "swanlab.pts.json"],
  ["mol", "MOLECULE", "pdb"],
  ["fig", "ECHARTS", "json"],
  ["hist_np", "ECHARTS", "json"],
  ["table", "ECHARTS", "json"],
  ["chart", "ECHARTS", "json"],
  ["grp.inner", "IMAGE", "png"],
];

/** What is saved under a path. */
function saved(mapped: Mapped, path: string): Uint8Array | undefined {
  const file = mapped.files.find((each) => each.path === path);
  return file === undefined ? undefined : mapped.bytes(file.content);
}

test("every kind of media has its column, in every version", async () => {
  for (const { name, path } of mediaRuns) {
    for (const mapped of await mapFixture(path)) {
      for (const [key, type, ending] of types) {
        const { column, media } = held(mapped, key);
        assert.equal(column.type, type, `${name} ${key}`);
        assert.ok(media.every(({ items }) => items.every((item) => item.ending === ending)), key);
      }
    }
  }
});

test("files that SwanLab shows arrive byte for byte, with their captions and in their order", async () => {
  const shown = new Set(["image", "audio", "html", "molecule"]);
  for (const { name, path } of mediaRuns) {
    for (const mapped of await mapFixture(path)) {
      for (const event of ofType(mapped.events, "media").filter(({ kind }) => shown.has(kind))) {
        const point = held(mapped, event.key).media.find(({ seq }) => seq === event.seq);
        assert.deepEqual([point?.step, point?.time], [event.step, event.time]);
        const items = event.items.filter(({ data }) =>
          !JSON.stringify(data ?? {}).includes("layer")
        );
        assert.deepEqual(
          point?.items.map(({ caption }) => caption),
          items.map(({ caption }) => caption),
        );
        for (const [at, { file }] of items.entries()) {
          const content: Content | undefined = point?.items[at]?.content;
          assert.ok(content !== undefined && file !== undefined);
          assert.deepEqual(
            mapped.bytes(content),
            new Uint8Array(readFileSync(join(path, file.path))),
            `${name} ${event.key}`,
          );
        }
      }
    }
  }
});

test("captions are those that the program gave", async () => {
  for (const version of ["0.12.0", "0.19.11", "0.31.0"]) {
    const mapped = await mapOnly(`wandb/${version}/media`);
    const captions = (key: string): unknown =>
      held(mapped, key).media.flatMap(({ items }) => items.map(({ caption }) => caption));
    assert.deepEqual(captions("img_file"), ['caption é "q"'], version);
    assert.deepEqual(captions("images [list]*"), ["first", undefined, "third"], version);
    assert.deepEqual(captions("audio_list"), ["l0", undefined], version);
    assert.deepEqual(captions("clip"), ["a clip"], version);
  }
});

test("boxes and masks are saved files, counted, and no items", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  assert.equal(held(mapped, "boxed").media[0]?.items.length, 1);
  const paths = [
    "media/images/mask/boxed_4_6bfe07b2f9016ae4cac4.mask.png",
    "media/metadata/boxes2D/boxed_4_99ff77b413b2a5e5a6e4.boxes2D.json",
  ];
  for (const path of paths) {
    const original = readFileSync(join(mapped.info.path, "files", path));
    assert.deepEqual(saved(mapped, path), new Uint8Array(original));
  }
  const counted = mapped.losses.filter(({ reason }) =>
    reason === "boxes and masks are saved files"
  );
  assert.deepEqual(counted.map(({ kind, example }) => [kind, example]), [["converted", "boxed"]]);
});

test("a table arrives with every column and row, and its original is saved", async () => {
  for (const version of ["0.12.0", "0.20.1", "0.31.0"]) {
    const mapped = await mapOnly(`wandb/${version}/media`);
    assert.deepEqual(objectOf(mapped, "table"), {
      _swanLab: "table",
      colDefs: ["id", "name", "score", "flag", "列"].map((field) => ({ field })),
      rowData: [
        { id: 0, name: "zero", score: 0.5, flag: true, 列: "x" },
        { id: 1, name: "一", score: "NaN", flag: false, 列: null },
        { id: 2, name: 'two,"q"', score: 2.5, flag: null, 列: "z" },
      ],
    }, version);
    const table = held(mapped, "table").media[0]?.items[0]?.content;
    assert.ok(table !== undefined && "file" in table);
    const original = new Uint8Array(readFileSync(join(mapped.info.path, table.file.path)));
    assert.deepEqual(saved(mapped, table.file.path.slice("files/".length)), original);
  }
});

test("each increment of a table is a point of its own", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  const rows = [0, 1, 2].map((at) => objectOf(mapped, "inctable", at) as { rowData: unknown });
  assert.deepEqual(rows.map(({ rowData }) => rowData), [
    [{ a: 0, b: "row 0" }],
    [{ a: 1, b: "row 1" }],
    [{ a: 2, b: "row 2" }],
  ]);
});

test("a custom chart is drawn under the key it was logged as, with all of its table", async () => {
  for (const version of ["0.12.0", "0.15.12", "0.31.0"]) {
    const mapped = await mapOnly(`wandb/${version}/media`);
    assert.equal(mapped.columns.has("chart_table"), false, version);
    const chart = objectOf(mapped, "chart") as Record<string, unknown>;
    const rows = [[0, 0.8572], [1, 0.6454], [2, 0.8861], [3, 0.7013]];
    assert.deepEqual(chart["title"], { text: "synthetic line" }, version);
    assert.deepEqual(chart["series"], [{ type: "line", data: rows }], version);
    assert.deepEqual(chart["wandb"], { panel: "wandb/line/v0", source: [["x", "y"], ...rows] });
  }
});

test("a figure of plotly is drawn, and its original is saved", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  const figure = objectOf(mapped, "fig") as Record<string, unknown>;
  assert.deepEqual(figure["title"], { text: "synthetic" });
  assert.deepEqual(figure["series"], [
    { type: "line", showSymbol: true, data: [[1, 4], [2, 1], [3, 2]] },
  ]);
  assert.ok(saved(mapped, "media/plotly/fig_15_aac2e803431c5939dd09.plotly.json"));
});

test("a histogram is bars, with its counts and edges as logged", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  const chart = objectOf(mapped, "hist_np") as Record<string, unknown>;
  assert.deepEqual(chart["histogram"], { values: [1, 0, 5, 2], bins: [0, 0.5, 1, 1.5, 2] });
  assert.deepEqual(chart["series"], [
    { type: "bar", name: "count", barCategoryGap: "0%", data: [1, 0, 5, 2] },
  ]);
});

test("a point cloud gets the colours that SwanLab's have, and its original is saved", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  const { version, points, boxes } = objectOf(mapped, "cloud") as Record<string, number[][]>;
  assert.equal(version, "0.1");
  assert.deepEqual(boxes, []);
  assert.equal(points?.length, 6);
  assert.deepEqual(points?.[0], [0.321, 0.973, 0.398, 0, 255, 0]);
  assert.ok(saved(mapped, "media/object3D/cloud_12_b8074f7da6d6cd5d367d.pts.json"));
});

test("a surface becomes the kind that SwanLab's are, and its original is saved", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  assert.equal(mapped.columns.get("mesh")?.column.type, "OBJECT3D");
  assert.ok(saved(mapped, "media/object3D/mesh_13_b7f50f999f66b7047f1f.obj"));
});

test("what SwanLab cannot show is a saved file, and counted", () => {
  const made = mapMade([
    {
      type: "media",
      step: 0,
      key: "a/clip",
      kind: "video",
      items: [{ file: { path: "files/media/videos/x.mp4" } }],
    },
    { type: "media", step: 1, key: "t", kind: "trace", items: [{ data: { root: 1n } }] },
    {
      type: "media",
      step: 2,
      key: "b",
      kind: "bokeh",
      items: [{ file: { path: "/far/away/b.bokeh.json" } }],
    },
  ]);
  assert.equal(made.columns.size, 0);
  assert.deepEqual(made.files.map(({ path }) => path), [
    "media/videos/x.mp4",
    "media/trace/t_1_0.json",
    "media/bokeh/b.bokeh.json",
  ]);
  assert.deepEqual(made.losses.map(({ kind, example }) => [kind, example]), [
    ["converted", "a/clip (video)"],
    ["converted", "t (trace)"],
    ["converted", "b (bokeh)"],
  ]);
});

test("values of a list with media in it are texts", () => {
  const made = mapMade([
    {
      type: "media",
      step: 0,
      key: "k",
      kind: "json",
      items: [{ data: { index: 0, value: [1, NaN] } }],
    },
  ]);
  assert.deepEqual(textsOf(made, "k"), ["[1,NaN]"]);
});

test("the image of a summary is a saved file", async () => {
  const mapped = await mapOnly("wandb/0.31.0/media");
  assert.ok(saved(mapped, "media/images/summary_img_summary_8a5d9e528d0f3f1b0f18.png"));
});
