import { isObject, type Json, type JsonObject } from "../../../../src/model/json.ts";
import {
  cellsOption,
  countsOption,
  type Points,
  pointsOption,
  textOf,
  type Titles,
} from "./chart_option.ts";
import { jsonBytes } from "./json_text.ts";
import { readJson } from "./read_json.ts";
import { readTable, type Table, tableBytes } from "./table.ts";

/** How a custom chart of W&B draws its table (wandb-format §4.4). */
interface Drawing {
  /** Such as "wandb/line/v0". */
  readonly panel: string;
  /** Columns of the table by the part that they play. */
  readonly fields: JsonObject;
  readonly titles: Titles;
}

/** Makes a custom chart of its table's file: as ECharts where we know how it is drawn. */
export function customChartFile(
  definition: JsonObject,
): (bytes: Uint8Array) => Uint8Array | undefined {
  const drawing = readDrawing(definition);
  return (bytes): Uint8Array | undefined => {
    const table = readTable(readJson(bytes));
    if (table === undefined) return undefined;
    const option = chartOption(drawing, table);
    if (option === undefined) return tableBytes(table);
    const dataset = { source: [table.columns, ...table.rows] };
    return jsonBytes({ ...option, wandb: { panel: drawing.panel, ...dataset } });
  };
}

function readDrawing(definition: JsonObject): Drawing {
  const panel = isObject(definition["panel_config"]) ? definition["panel_config"] : {};
  const { panelDefId, fieldSettings, stringSettings } = panel;
  const texts = isObject(stringSettings) ? stringSettings : {};
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => texts[name]).find((value) => typeof value === "string");
  return {
    panel: typeof panelDefId === "string" ? panelDefId : "",
    fields: isObject(fieldSettings) ? fieldSettings : {},
    titles: {
      title: text("title"),
      x: text("x-axis-title", "xname", "xAxis"),
      y: text("y-axis-title", "yname", "yAxis"),
    },
  };
}

/** Undefined for a chart that is drawn in a way we do not know, or whose columns are missing. */
function chartOption({ panel, fields, titles }: Drawing, table: Table): JsonObject | undefined {
  const column = (part: string): readonly Json[] | undefined => {
    const name = fields[part];
    const at = typeof name === "string" ? table.columns.indexOf(name) : -1;
    return at < 0 ? undefined : table.rows.map((row) => row[at] ?? null);
  };
  const pair = (type: Points["type"], x: string, y: string, by: string): JsonObject | undefined => {
    const points = grouped(type, column(x), column(y), column(by));
    return points === undefined ? undefined : pointsOption(points, titles);
  };
  switch (panel.replace(/\/v\d+$/, "")) {
    case "wandb/line":
      return pair("line", "x", "y", "stroke");
    case "wandb/lineseries":
      return pair("line", "step", "lineVal", "lineKey");
    case "wandb/area-under-curve":
      return pair("line", "x", "y", "class");
    case "wandb/scatter":
      return pair("scatter", "x", "y", "");
    case "wandb/bar":
      return pair("bar", "label", "value", "");
    case "wandb/histogram": {
      const values = column("value");
      return values === undefined ? undefined : countsOption(values, titles);
    }
    case "wandb/confusion_matrix":
      return matrix(column("Actual"), column("Predicted"), column("nPredictions"), titles);
    default:
      return undefined;
  }
}

/** Points, apart by the value of a third column where there is one. */
function grouped(
  type: Points["type"],
  x: readonly Json[] | undefined,
  y: readonly Json[] | undefined,
  by: readonly Json[] | undefined,
): readonly Points[] | undefined {
  if (x === undefined || y === undefined) return undefined;
  if (by === undefined) return [{ name: undefined, type, x, y }];
  const names = [...new Set(by.map(textOf))];
  return names.map((name) => {
    const own = (_: Json, at: number): boolean => textOf(by[at] ?? null) === name;
    return { name, type, x: x.filter(own), y: y.filter(own) };
  });
}

function matrix(
  actual: readonly Json[] | undefined,
  predicted: readonly Json[] | undefined,
  counts: readonly Json[] | undefined,
  titles: Titles,
): JsonObject | undefined {
  if (actual === undefined || predicted === undefined || counts === undefined) return undefined;
  const classes = [...new Set([...actual, ...predicted].map(textOf))];
  const place = (value: Json | undefined): number => classes.indexOf(textOf(value ?? null));
  return cellsOption({
    x: classes,
    y: classes,
    data: counts.map((count, at) => [place(predicted[at]), place(actual[at]), count]),
  }, { ...titles, x: titles.x ?? "Predicted", y: titles.y ?? "Actual" });
}
