import type { LosslessObject, LosslessValue } from "../../../src/codec/lossless_json.ts";
import type { MetricKind } from "../../../src/model/event.ts";
import type { MutableJsonObject } from "../../../src/model/json.ts";
import { given } from "./identity.ts";
import { asArray, asObject, asText, asTexts, member } from "./json_fields.ts";
import type { Declaration } from "./protobuf_column.ts";

/** Sections that the local page shows for keys without one. */
const localSections = new Set([
  "default",
  "Image",
  "Audio",
  "Text",
  "PointsCloud",
  "Model3d",
  "Molecule",
]);
/** Clients that write these into the log as well. */
const localVersions = /^0\.6\.[234](?!\d)/;

/** What we call a column type; all but numbers have the client's own name in lower case. */
function kindOf(columnType: string): MetricKind {
  return columnType === "FLOAT" ? "scalar" : columnType.toLowerCase();
}

/**
 * Reads a Column record of a JSON log; undefined when it names no key. `version` is that of the
 * client, where it is known.
 */
export function columnOf(
  data: LosslessObject,
  version: string | undefined,
): Declaration | undefined {
  const key = asText(member(data, "key"));
  if (key === undefined) return undefined;
  const type = asText(member(data, "column_type"));
  const error = member(data, "error");
  const isLocal = version !== undefined && localVersions.test(version);
  const section = asText(member(data, "section_name"));
  return {
    key,
    ...given({
      kind: type === undefined ? undefined : kindOf(type),
      system: member(data, "cls") === "SYSTEM" ? true : undefined,
      name: asText(member(data, "name")),
      section: isLocal ? givenSection(key, section) : section,
      color: asTexts(member(data, "metric_color")),
      range: rangeOf(member(data, "y_range")),
      error: error === undefined ? undefined : asObject(error) ?? { error },
      chart: chartOf(data),
    }),
  };
}

/** The section of a key; undefined when the local page made it up. */
export function givenSection(
  key: string,
  section: string | undefined,
): string | undefined {
  const isMadeUp = section !== undefined && !key.includes("/") &&
    localSections.has(section);
  return isMadeUp ? undefined : section;
}

function rangeOf(
  value: LosslessValue | undefined,
): [number | null, number | null] | undefined {
  const ends = asArray(value);
  if (ends === undefined) return undefined;
  const [low, high] = ends;
  return [
    typeof low === "number" ? low : null,
    typeof high === "number" ? high : null,
  ];
}

function chartOf(data: LosslessObject): MutableJsonObject | undefined {
  const chart: MutableJsonObject = given({
    index: asText(member(data, "chart_index")),
    name: asText(member(data, "chart_name")),
    metricName: asText(member(data, "metric_name")),
    reference: asText(member(data, "chart_reference"))?.toLowerCase(),
    sectionType: asText(member(data, "section_type"))?.toLowerCase(),
    sectionSort: member(data, "section_sort"),
  });
  return Object.keys(chart).length === 0 ? undefined : chart;
}
