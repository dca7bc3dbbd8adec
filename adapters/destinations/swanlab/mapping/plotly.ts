import { isObject, type Json, type JsonObject } from "../../../../src/model/json.ts";
import {
  cellsOption,
  countsOption,
  pieOption,
  type Points,
  pointsOption,
  type Titles,
} from "./chart_option.ts";
import { figureArray } from "./figure_array.ts";
import { jsonBytes } from "./json_text.ts";
import { readJson } from "./read_json.ts";

/** A plotly figure of W&B as ECharts; undefined when one of its traces has no equal there. */
export function figureFile(bytes: Uint8Array): Uint8Array | undefined {
  const option = figureOption(readJson(bytes));
  return option === undefined ? undefined : jsonBytes(option);
}

function figureOption(figure: Json | undefined): JsonObject | undefined {
  if (!isObject(figure)) return undefined;
  const { data, layout } = figure;
  const traces = Array.isArray(data) ? data.filter(isObject) : [];
  const [first] = traces;
  if (first === undefined) return undefined;
  const titles = titlesOf(isObject(layout) ? layout : {});
  const points = traces.map(pointsOf);
  if (points.every((each) => each !== undefined)) return pointsOption(points, titles);
  return traces.length === 1 ? loneOption(first, titles) : undefined;
}

/** The points of a trace that has two axes; undefined for any other. */
function pointsOf(trace: JsonObject): Points | undefined {
  const { type = "scatter", name } = trace;
  if (type !== "scatter" && type !== "scattergl" && type !== "bar") return undefined;
  const x = figureArray(trace["x"]);
  const y = figureArray(trace["y"]);
  const long = x ?? y;
  if (long === undefined) return undefined;
  const places = long.map((_, at) => at);
  const own = { name: typeof name === "string" ? name : undefined, x: x ?? places, y: y ?? places };
  if (type === "bar") return { ...own, type };
  const { mode, fill } = trace;
  if (mode === "markers") return { ...own, type: "scatter" };
  const more: JsonObject = {
    showSymbol: typeof mode === "string" ? mode.includes("markers") : long.length < 20,
    ...(typeof fill === "string" && fill !== "none" ? { areaStyle: {} } : {}),
  };
  return { ...own, type: "line", more };
}

/** The chart of a trace that stands alone. */
function loneOption(trace: JsonObject, titles: Titles): JsonObject | undefined {
  const { type, nbinsx } = trace;
  if (type === "histogram") {
    const values = figureArray(trace["x"]) ?? figureArray(trace["y"]);
    const bins = typeof nbinsx === "number" && nbinsx > 0 ? nbinsx : undefined;
    return values === undefined ? undefined : countsOption(values, titles, bins);
  }
  if (type === "pie") {
    const values = figureArray(trace["values"]);
    if (values === undefined) return undefined;
    return pieOption(figureArray(trace["labels"]) ?? [], values, titles.title);
  }
  return type === "heatmap" ? heatOption(trace, titles) : undefined;
}

function heatOption(trace: JsonObject, titles: Titles): JsonObject | undefined {
  const rows = figureArray(trace["z"])?.map((row) => figureArray(row));
  if (rows === undefined || !rows.every((row) => row !== undefined)) return undefined;
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return cellsOption({
    x: figureArray(trace["x"]) ?? Array.from({ length: width }, (_, at) => at),
    y: figureArray(trace["y"]) ?? rows.map((_, at) => at),
    data: rows.flatMap((row, y) =>
      row.map((value, x): readonly [number, number, Json] => [x, y, value])
    ),
  }, titles);
}

function titlesOf(layout: JsonObject): Titles {
  const { title, xaxis, yaxis } = layout;
  const x = isObject(xaxis) ? xaxis : {};
  const y = isObject(yaxis) ? yaxis : {};
  return {
    title: titleOf(title),
    x: titleOf(x["title"]),
    y: titleOf(y["title"]),
    xType: titleOf(x["type"]),
    yType: titleOf(y["type"]),
  };
}

/** A title is a text, or an object with one. */
function titleOf(title: Json | undefined): string | undefined {
  const text = isObject(title) ? title["text"] : title;
  return typeof text === "string" ? text : undefined;
}
