import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { given, member, numberOf, objectOf, textOf } from "./json_fields.ts";
import { bool, type Message, nested, type OnUnknownField, readMessage } from "./message.ts";
import type { RunEvents } from "./run_events.ts";

const aggregations = ["min", "max", "mean", "best", "last", "none", "copy", "first"];

const metric: Message = {
  1: "name",
  2: "glob_name",
  4: "step_metric",
  5: "step_metric_index",
  6: nested("options", { 1: bool("step_sync"), 2: bool("hidden"), 3: bool("defined") }),
  7: nested(
    "summary",
    Object.fromEntries(aggregations.map((name, index) => [index + 1, bool(name)])),
  ),
  8: "goal",
  9: nested("_control", { 1: bool("overwrite") }),
  10: bool("expanded_from_glob"),
};

const goals = [undefined, "minimize", "maximize"] as const;

/**
 * Passes on a MetricRecord, what `define_metric` leaves in the log. Names escape dots that do not
 * part objects; the keys of history rows do not.
 */
export function passMetric(
  reader: ProtobufReader,
  events: RunEvents,
  onUnknown: OnUnknownField,
): void {
  const bytes = reader.end - reader.position;
  const record = readMessage(reader, metric, {}, onUnknown);
  const key = textOf(record, "name") ?? textOf(record, "glob_name");
  if (key === undefined) {
    events.unknown("metric without a name", bytes);
    return;
  }
  const options = objectOf(record, "options");
  const summary = objectOf(record, "summary");
  const stepMetric = textOf(record, "step_metric");
  const chart = given({
    step_sync: member(options, "step_sync"),
    overwrite: member(objectOf(record, "_control"), "overwrite"),
    expanded_from_glob: member(record, "expanded_from_glob"),
  });
  const chosen = aggregations.filter((name) => member(summary, name) === true);
  events.add({
    type: "metric",
    seq: events.next(),
    key: unescape(key),
    ...given({
      stepMetric: stepMetric === undefined ? undefined : unescape(stepMetric),
      hidden: member(options, "hidden") === true ? true : undefined,
      summary: chosen.length > 0 ? chosen : undefined,
      goal: goals[numberOf(record, "goal") ?? 0],
      chart: Object.keys(chart).length > 0 ? chart : undefined,
    }),
  });
}

function unescape(name: string): string {
  return name.replaceAll("\\.", ".");
}
