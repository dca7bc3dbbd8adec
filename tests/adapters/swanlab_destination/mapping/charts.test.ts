import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { customChartFile } from "../../../../adapters/destinations/swanlab/mapping/custom_chart.ts";
import { figureFile } from "../../../../adapters/destinations/swanlab/mapping/plotly.ts";
import { pointCloudFile } from "../../../../adapters/destinations/swanlab/mapping/point_cloud.ts";
import { tableFile } from "../../../../adapters/destinations/swanlab/mapping/table.ts";

type Convert = (bytes: Uint8Array) => Uint8Array | undefined;

/** What a converter makes of a text, as JSON; undefined when it cannot. */
// deno-lint-ignore no-explicit-any
function converted(convert: Convert, text: string | object): any {
  const json = typeof text === "string" ? text : JSON.stringify(text);
  const made = convert(new TextEncoder().encode(json));
  return made === undefined ? undefined : JSON.parse(new TextDecoder().decode(made));
}

const figures: readonly (readonly [string, object, unknown])[] = [
  ["lines", { mode: "lines", x: [1], y: [2], name: "n" }, {
    type: "line",
    name: "n",
    showSymbol: false,
    data: [[1, 2]],
  }],
  ["markers", { type: "scattergl", mode: "markers", x: [1], y: [2] }, {
    type: "scatter",
    data: [[1, 2]],
  }],
  ["bars", { type: "bar", x: ["a", "b"], y: [2, null] }, {
    type: "bar",
    data: [["a", 2], ["b", null]],
  }],
  ["no x", { type: "bar", y: [7, 8] }, { type: "bar", data: [[0, 7], [1, 8]] }],
  ["pie", { type: "pie", labels: ["a"], values: [3] }, {
    type: "pie",
    data: [{ name: "a", value: 3 }],
  }],
  ["heat map", { type: "heatmap", z: [[1, 2], [3, 4]] }, {
    type: "heatmap",
    data: [[0, 0, 1], [1, 0, 2], [0, 1, 3], [1, 1, 4]],
  }],
  ["histogram", { type: "histogram", x: [0, 0, 1, 4], nbinsx: 2 }, {
    type: "bar",
    name: "count",
    barCategoryGap: "0%",
    data: [3, 1],
  }],
];

test("traces of plotly that have an equal become series", () => {
  for (const [name, trace, series] of figures) {
    assert.deepEqual(converted(figureFile, { data: [trace] })?.series, [series], name);
  }
});

test("arrays in plotly's binary form are read", () => {
  const bdata = Buffer.from(new Float64Array([1.5, -2]).buffer).toString("base64");
  const z = { dtype: "i1", bdata: Buffer.from([1, 2, 3, 4]).toString("base64"), shape: "2, 2" };
  const y = { dtype: "f8", bdata };
  assert.deepEqual(converted(figureFile, { data: [{ x: [0, 1], y, mode: "markers" }] }).series, [
    { type: "scatter", data: [[0, 1.5], [1, -2]] },
  ]);
  assert.deepEqual(
    converted(figureFile, { data: [{ type: "heatmap", z }] }).series[0].data,
    [[0, 0, 1], [1, 0, 2], [0, 1, 3], [1, 1, 4]],
  );
});

test("a figure with a trace that has no equal is not drawn in part", () => {
  const cases = [
    { data: [{ type: "violin", y: [1] }] },
    { data: [{ x: [1], y: [1] }, { type: "pie", values: [1] }] },
    { data: [] },
    { data: [{ type: "bar", y: { dtype: "c16", bdata: "AA==" } }] },
    "[1, 2",
    "null",
  ];
  for (const figure of cases) assert.equal(converted(figureFile, figure), undefined);
});

const panels: readonly (readonly [string, object, unknown])[] = [
  ["wandb/lineseries/v0", { step: "s", lineKey: "k", lineVal: "v" }, [
    { type: "line", name: "a", data: [[0, 1], [1, 2]] },
    { type: "line", name: "b", data: [[0, 3]] },
  ]],
  ["wandb/bar/v0", { label: "k", value: "v" }, [
    { type: "bar", data: [["a", 1], ["a", 2], ["b", 3]] },
  ]],
  ["wandb/scatter/v0", { x: "s", y: "v" }, [
    { type: "scatter", data: [[0, 1], [1, 2], [0, 3]] },
  ]],
  ["wandb/area-under-curve/v0", { x: "s", y: "v", class: "k" }, [
    { type: "line", name: "a", data: [[0, 1], [1, 2]] },
    { type: "line", name: "b", data: [[0, 3]] },
  ]],
  ["wandb/confusion_matrix/v1", { Actual: "k", Predicted: "s", nPredictions: "v" }, [
    { type: "heatmap", data: [[2, 0, 1], [3, 0, 2], [2, 1, 3]] },
  ]],
];
const table = { columns: ["s", "k", "v"], data: [[0, "a", 1], [1, "a", 2], [0, "b", 3]] };

test("custom charts that W&B comes with are drawn from their tables", () => {
  for (const [panelDefId, fieldSettings, series] of panels) {
    const convert = customChartFile({ panel_config: { panelDefId, fieldSettings } as never });
    assert.deepEqual(converted(convert, table).series, series, panelDefId);
  }
});

test("a chart that is drawn in a way of its own is its table", () => {
  const charts: readonly (readonly [string, object])[] = [
    ["me/mine/v3", {}],
    ["wandb/line/v0", { x: "gone", y: "v" }],
  ];
  for (const [panelDefId, fieldSettings] of charts) {
    const convert = customChartFile({ panel_config: { panelDefId, fieldSettings } as never });
    assert.equal(converted(convert, table)._swanLab, "table");
    assert.equal(converted(convert, table).rowData.length, 3);
  }
});

test("a table keeps long integers, repeated names and cells beyond its columns", () => {
  const bytes = tableFile(new TextEncoder().encode(
    '{"columns": ["a", "a", 3], "data": [[9007199254740993, Infinity, {"x": [1]}, "more"]]}',
  ));
  assert.equal(
    new TextDecoder().decode(bytes),
    '{"_swanLab":"table","colDefs":[{"field":"a"},{"field":"a (2)"},{"field":"3"},' +
      '{"field":"column 4"}],"rowData":[{"a":9007199254740993,"a (2)":"Infinity",' +
      '"3":{"x":[1]},"column 4":"more"}]}',
  );
  for (const wrong of ["{}", '{"columns": [], "data": [1]}', "x"]) {
    assert.equal(converted(tableFile, wrong), undefined);
  }
});

test("point clouds have colours by category, or their own, and boxes", () => {
  const scene = {
    type: "lidar/beta",
    points: [[1, 2, 3, 1], [1, 2, 3, 4, 5, 6]],
    boxes: [{ corners: [[0, 0, 0]], label: "b", color: [1, 2, 3], score: 0.5 }],
  };
  assert.deepEqual(converted(pointCloudFile, scene), {
    version: "0.1",
    points: [[1, 2, 3, 88, 122, 210], [1, 2, 3, 4, 5, 6]],
    boxes: [{ corners: [[0, 0, 0]], label: "b", color: [1, 2, 3], score: 0.5 }],
  });
  const wrong = [[[1, 2]], [["x", 1, 2]], { points: [], vectors: [{}] }, { boxes: [1] }, "x"];
  for (const value of wrong) assert.equal(converted(pointCloudFile, value), undefined);
});
