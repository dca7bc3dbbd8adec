import type { MetricEvent } from "../../../src/model/event.ts";
import { isObject, type JsonObject } from "../../../src/model/json.ts";
import { own } from "./value_tree.ts";

/** What stands between image key and mask name where class labels are kept. */
const delimiter = "_wandb_delimeter_";

/**
 * What the client's internal config says about the display of keys, as metric events without their
 * numbers: custom charts (`visualize`, older `viz`), and labels of masks and boxes.
 */
export function chartEvents(internal: JsonObject): readonly Omit<MetricEvent, "seq">[] {
  const events: Omit<MetricEvent, "seq">[] = [];
  for (const group of ["visualize", "viz"]) {
    for (const [key, chart] of parts(internal, group)) {
      events.push({ type: "metric", key, kind: "chart", chart });
    }
  }
  for (const group of ["mask/class_labels", "bounding_box/class_labels"]) {
    for (const [name, labels] of parts(internal, group)) {
      const [key = name] = name.split(delimiter);
      events.push({ type: "metric", key, kind: "image", chart: { [group]: { [name]: labels } } });
    }
  }
  return events;
}

function parts(internal: JsonObject, group: string): readonly [string, JsonObject][] {
  const members = own(internal, group);
  if (!isObject(members)) return [];
  return Object.entries(members).filter((entry): entry is [string, JsonObject] =>
    isObject(entry[1])
  );
}
