import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { MetricEvent, MetricKind } from "../../../src/model/event.ts";
import type { MutableJsonObject } from "../../../src/model/json.ts";

/** Column types by number; the last one since swanlab 0.8.3. */
export const columnKinds: readonly (MetricKind | undefined)[] = [
  undefined,
  "scalar",
  "image",
  "audio",
  "text",
  "video",
  "echarts",
  "object3d",
  "molecule",
  "html",
];

const chartTypes = [
  undefined,
  "line",
  "bar",
  "scalar",
  "image",
  "audio",
  "text",
  "video",
  "echarts",
  "object3d",
  "molecule",
  "html",
] as const;

const sectionTypes = [
  undefined,
  "pinned",
  "hidden",
  "public",
  "system",
] as const;

const systemClass = 2;

/** What a column record declares, without the event's number. */
export type Declaration = Omit<MetricEvent, "type" | "seq">;

/** Reads a ColumnRecord; `x_axis` and `hidden` since swanlab 0.10.0. */
export function readColumn(reader: ProtobufReader): Declaration {
  let key = "";
  const column: { -readonly [Name in keyof Declaration]?: Declaration[Name] } = {};
  const chart: MutableJsonObject = {};
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        if (reader.uint() === systemClass) column.system = true;
        break;
      case 2:
        setKind(column, chart, reader.uint());
        break;
      case 3:
        key = reader.string();
        break;
      case 4:
        column.name = reader.string();
        break;
      case 5:
        column.section = reader.string();
        break;
      case 7:
        column.range = readRange(reader.message());
        break;
      case 12:
        column.color = readColors(reader.message());
        break;
      case 13:
        column.stepMetric = reader.string();
        break;
      case 14:
        column.hidden = reader.bool();
        break;
      default:
        readChart(reader, chart);
    }
  }
  if (Object.keys(chart).length > 0) column.chart = chart;
  return { key, ...column };
}

/** Reads the current field if it tells about the chart, or skips it. */
function readChart(reader: ProtobufReader, chart: MutableJsonObject): void {
  switch (reader.field) {
    case 6:
      setWord(chart, "sectionType", sectionTypes, reader.uint());
      return;
    case 8:
      chart["index"] = reader.string();
      return;
    case 9:
      chart["name"] = reader.string();
      return;
    case 10:
      setWord(chart, "type", chartTypes, reader.uint());
      return;
    case 11:
      chart["metricName"] = reader.string();
      return;
    default:
      reader.skip();
  }
}

function setKind(
  column: { kind?: MetricKind },
  chart: MutableJsonObject,
  number: number,
): void {
  const kind = columnKinds[number];
  if (kind !== undefined) column.kind = kind;
  else if (number !== 0) chart["columnType"] = number;
}

/** Sets the word that a number stands for, or the number of a type not known yet. */
function setWord(
  chart: MutableJsonObject,
  name: string,
  words: readonly (string | undefined)[],
  number: number,
): void {
  if (number !== 0) chart[name] = words[number] ?? number;
}

function readRange(reader: ProtobufReader): [number | null, number | null] {
  const range: [number | null, number | null] = [null, null];
  while (reader.next()) {
    if (reader.field === 1) range[0] = reader.double();
    else if (reader.field === 2) range[1] = reader.double();
    else reader.skip();
  }
  return range;
}

function readColors(reader: ProtobufReader): string[] {
  let light = "";
  let dark = "";
  while (reader.next()) {
    if (reader.field === 1) light = reader.string();
    else if (reader.field === 2) dark = reader.string();
    else reader.skip();
  }
  return [light, dark];
}
