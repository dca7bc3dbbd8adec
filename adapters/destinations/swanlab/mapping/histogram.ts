import { isObject, type Json, type JsonObject } from "../../../../src/model/json.ts";
import { jsonBytes } from "./json_text.ts";

/** Counts and the edges between them, one more than counts. */
interface Histogram {
  readonly values: readonly Json[];
  readonly bins: readonly Json[];
}

/**
 * A histogram of W&B as bars of ECharts; undefined when the value is none. The counts and edges as
 * logged stay in the chart, under `histogram`.
 */
export function histogramBytes(value: Json | undefined): Uint8Array | undefined {
  const histogram = isObject(value) ? readHistogram(value) : undefined;
  if (histogram === undefined) return undefined;
  const { values, bins } = histogram;
  return jsonBytes({
    tooltip: { trigger: "axis" },
    xAxis: [{ type: "category", data: values.map((_, at) => `${bins[at]} … ${bins[at + 1]}`) }],
    yAxis: [{ type: "value" }],
    series: [{ type: "bar", name: "count", barCategoryGap: "0%", data: values }],
    histogram: { values, bins },
  });
}

function readHistogram(value: JsonObject): Histogram | undefined {
  const { values, bins, packedBins } = value;
  if (Array.isArray(values) && Array.isArray(bins) && bins.length === values.length + 1) {
    return { values, bins };
  }
  if (!Array.isArray(values) || !isObject(packedBins)) return undefined;
  const { min, size } = packedBins;
  if (typeof min !== "number" || typeof size !== "number") return undefined;
  return {
    values,
    bins: Array.from({ length: values.length + 1 }, (_, at) => min + at * size),
  };
}
