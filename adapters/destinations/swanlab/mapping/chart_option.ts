import type { Json, JsonObject } from "../../../../src/model/json.ts";
import { binned } from "./bins.ts";
import { jsonText } from "./json_text.ts";

/** What a column of data or an axis is called. */
type Name = string | undefined;

/** Points of one name in a chart with two axes. */
export interface Points {
  readonly name: Name;
  readonly type: "line" | "scatter" | "bar";
  readonly x: readonly Json[];
  readonly y: readonly Json[];
  /** More of what ECharts knows about a series. */
  readonly more?: JsonObject;
}

/** Names around a chart. */
export interface Titles {
  readonly title?: Name;
  readonly x?: Name;
  readonly y?: Name;
  /** Types that the axes must have, such as "log". */
  readonly xType?: Name;
  readonly yType?: Name;
}

/** A chart of points between two axes, as ECharts takes it. */
export function pointsOption(points: readonly Points[], titles: Titles): JsonObject {
  const x = axisOf(points.flatMap((each) => each.x), titles.x, titles.xType);
  const y = axisOf(points.flatMap((each) => each.y), titles.y, titles.yType);
  return {
    ...titleOption(titles.title),
    tooltip: { trigger: points.every(({ type }) => type === "scatter") ? "item" : "axis" },
    legend: { data: points.flatMap(({ name }) => name === undefined ? [] : [name]) },
    xAxis: [x.option],
    yAxis: [y.option],
    series: points.map(({ name, type, x: across, y: up, more }) => ({
      type,
      ...(name === undefined ? {} : { name }),
      ...more,
      data: across.slice(0, up.length)
        .map((value, at) => [x.cell(value), y.cell(up[at] ?? null)]),
    })),
  };
}

/** Counts of values in bins, or of each value where they are no numbers. */
export function countsOption(
  values: readonly Json[],
  titles: Titles,
  bins?: number,
): JsonObject {
  const numbers = values.filter((value) => typeof value === "number");
  const names: string[] = [];
  const counts: number[] = [];
  if (numbers.length === values.length) {
    const found = binned(numbers, bins);
    counts.push(...found.counts);
    names.push(...found.counts.map((_, at) => `${found.edges[at]} … ${found.edges[at + 1]}`));
  } else {
    const byName = new Map<string, number>();
    for (const value of values) byName.set(textOf(value), (byName.get(textOf(value)) ?? 0) + 1);
    names.push(...byName.keys());
    counts.push(...byName.values());
  }
  return {
    ...titleOption(titles.title),
    tooltip: { trigger: "axis" },
    xAxis: [{ type: "category", data: names, ...named(titles.x) }],
    yAxis: [{ type: "value", ...named(titles.y ?? "count") }],
    series: [{ type: "bar", name: "count", barCategoryGap: "0%", data: counts }],
  };
}

/** A field of coloured cells. */
export interface Cells {
  readonly x: readonly Json[];
  readonly y: readonly Json[];
  /** Place on the x axis, place on the y axis, value. */
  readonly data: readonly (readonly [number, number, Json])[];
}

/** A heat map. */
export function cellsOption({ x, y, data }: Cells, titles: Titles): JsonObject {
  const values = data.map(([, , value]) => value).filter((value) => typeof value === "number");
  const [min, max] = values.reduce<readonly [number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  return {
    ...titleOption(titles.title),
    tooltip: { trigger: "item" },
    xAxis: [{ type: "category", data: x.map(textOf), ...named(titles.x) }],
    yAxis: [{ type: "category", data: y.map(textOf), ...named(titles.y) }],
    visualMap: { min: values.length === 0 ? 0 : min, max: values.length === 0 ? 1 : max },
    series: [{ type: "heatmap", data }],
  };
}

/** A pie. */
export function pieOption(
  labels: readonly Json[],
  values: readonly Json[],
  title: Name,
): JsonObject {
  const slices = values.map((value, at) => ({ name: textOf(labels[at] ?? at), value }));
  return {
    ...titleOption(title),
    tooltip: { trigger: "item" },
    legend: { data: slices.map(({ name }) => name) },
    series: [{ type: "pie", data: slices }],
  };
}

interface Axis {
  readonly option: JsonObject;
  /** A value as it stands in a point. */
  cell(value: Json): Json;
}

/** An axis for numbers, or one with a place for each text. */
function axisOf(values: readonly Json[], name: Name, type: Name): Axis {
  const numeric = values.every((value) => value === null || typeof value === "number");
  if (numeric) {
    const option = { type: type === "log" ? "log" : "value", ...named(name) };
    return { option, cell: (value): Json => value };
  }
  const data = [...new Set(values.map(textOf))];
  return { option: { type: "category", data, ...named(name) }, cell: textOf };
}

function titleOption(title: Name): JsonObject {
  return title === undefined || title === "" ? {} : { title: { text: title } };
}

function named(name: Name): JsonObject {
  return name === undefined || name === "" ? {} : { name };
}

/** A value as a label. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : jsonText(value, "bare");
}
