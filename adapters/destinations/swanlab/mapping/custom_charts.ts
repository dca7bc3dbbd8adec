import type { MediaEvent, MetricEvent } from "../../../../src/model/event.ts";
import { isObject, type Json, type JsonObject } from "../../../../src/model/json.ts";
import { customChartFile } from "./custom_chart.ts";

/** A custom chart of W&B, which is a table and a description of how to draw it. */
export interface CustomChart {
  /** What the user logged it as. */
  readonly key: string;
  /** Makes the chart of its table's file. */
  readonly convert: (bytes: Uint8Array) => Uint8Array | undefined;
}

/** The custom charts of a run by the keys of their tables. */
export class CustomCharts {
  readonly #byTable = new Map<string, CustomChart>();

  /** Takes in a definition; does nothing with one that is of no chart. */
  define({ key, kind, chart = {} }: MetricEvent): void {
    if (kind !== "chart") return;
    this.#byTable.set(tableKey(chart) ?? `${key}_table`, { key, convert: customChartFile(chart) });
  }

  /** The chart that a table belongs to. */
  ofTable({ key, kind }: MediaEvent): CustomChart | undefined {
    return kind === "table" ? this.#byTable.get(key) : undefined;
  }
}

/** The key of the table that a chart's query asks for (wandb-format §4.4). */
function tableKey(value: Json): string | undefined {
  if (Array.isArray(value)) return firstOf(value);
  if (!isObject(value)) return undefined;
  if (value["name"] === "tableKey" && typeof value["value"] === "string") return value["value"];
  return firstOf(Object.values(value as JsonObject));
}

function firstOf(values: readonly Json[]): string | undefined {
  for (const value of values) {
    const key = tableKey(value);
    if (key !== undefined) return key;
  }
  return undefined;
}
