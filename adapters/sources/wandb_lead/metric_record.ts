import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { MetricEvent } from "../../../src/model/event.ts";

/** A MetricRecord as a metric event without its number; undefined when it names no metric. */
export function readMetric(message: ProtobufReader): Omit<MetricEvent, "seq"> | undefined {
  let name = "";
  let glob = "";
  let stepMetric = "";
  let hidden = false;
  let goal = 0;
  let summary: readonly string[] = [];
  while (message.next()) {
    if (message.field === 1) name = message.string();
    else if (message.field === 2) glob = message.string();
    else if (message.field === 4) stepMetric = message.string();
    else if (message.field === 6) hidden = flags(message.message(), { 2: "hidden" }).length > 0;
    else if (message.field === 7) summary = flags(message.message(), aggregations);
    else if (message.field === 8) goal = message.uint();
    else message.skip();
  }
  if (name === "" && glob === "") return undefined;
  return {
    type: "metric",
    key: name === "" ? glob : unescaped(name),
    ...(stepMetric === "" ? {} : { stepMetric: unescaped(stepMetric) }),
    ...(hidden ? { hidden } : {}),
    ...(summary.length === 0 ? {} : { summary }),
    ...(goal === 0 ? {} : { goal: goal === 1 ? "minimize" : "maximize" }),
  };
}

const aggregations: { readonly [field: number]: string } = {
  1: "min",
  2: "max",
  3: "mean",
  4: "best",
  5: "last",
  6: "none",
  7: "copy",
  8: "first",
};

/** The names of the fields that are true. */
function flags(
  message: ProtobufReader,
  names: { readonly [field: number]: string },
): readonly string[] {
  const set: string[] = [];
  while (message.next()) {
    const name = names[message.field];
    if (name === undefined) message.skip();
    else if (message.bool()) set.push(name);
  }
  return set;
}

/** Dots inside a key are written as "\."; a plain dot separates nested keys. */
function unescaped(name: string): string {
  return name.replaceAll("\\.", ".");
}
