import type { MetricKind } from "../../../src/model/event.ts";

/** Kinds by the ends of the file names that clients choose. */
const endings: readonly (readonly [RegExp, MetricKind])[] = [
  [/\.(?:png|jpe?g|bmp|gif)$/i, "image"],
  [/\.wav$/i, "audio"],
  [/\.(?:swanlab\.pts\.json|glb)$/i, "object3d"],
  [/\.pdb$/i, "molecule"],
  [/^echarts-step.*\.json$/, "echarts"],
];

/** The kind of a media value whose declaration is lost, from its first item; else text. */
export function guessKind(items: readonly string[]): MetricKind {
  const [first = ""] = items;
  for (const [ending, kind] of endings) {
    if (ending.test(first)) return kind;
  }
  return "text";
}
