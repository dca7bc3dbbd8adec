import type { MediaItem, MetricKind } from "../../../src/model/event.ts";
import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import { image, images } from "./media_images.ts";
import { type MediaPlace, single, without } from "./media_item.ts";
import { list, named, type Reader } from "./media_lists.ts";
import { own } from "./value_tree.ts";

/** A media value, ready for an event. */
export interface Media {
  readonly kind: MetricKind;
  readonly items: readonly MediaItem[];
}

/** Every `_type` of wandb 0.12 to 0.31; any other is kept as data under its own name. */
const readers = new Map<string, readonly [kind: MetricKind, read: Reader]>([
  ["image-file", ["image", image]],
  ["images/separated", ["image", images]],
  ["audio-file", ["audio", single]],
  ["audio", ["audio", list("audio")]],
  ["video-file", ["video", single]],
  ["videos", ["video", list("videos")]],
  ["html-file", ["html", single]],
  ["html", ["html", list("html")]],
  ["object3D-file", ["object3d", single]],
  ["object3D", ["object3d", named("media/object3D/", "objects")]],
  ["molecule-file", ["molecule", single]],
  ["molecule", ["molecule", named("", "molecules")]],
  ["plotly-file", ["plotly", single]],
  ["plotly", ["plotly", (value) => [{ data: own(value, "plot") ?? value }]]],
  ["bokeh-file", ["bokeh", single]],
  ["graph-file", ["graph", single]],
  ["table-file", ["table", single]],
  ["incremental-table-file", ["table", single]],
  ["joined-table", ["table", single]],
  ["partitioned-table", ["table", single]],
  ["mask", ["image", single]],
  ["boxes2D", ["image", single]],
  ["histogram", ["histogram", inline]],
  ["wb_trace_tree", ["trace", inline]],
]);

/** The `_type` of an object that is a media value. */
export function mediaType(value: Json | undefined): string | undefined {
  const type = isObject(value) ? own(value, "_type") : undefined;
  return typeof type === "string" ? type : undefined;
}

/** Whether a value is a list of media, which clients write where they cannot join them. */
export function isMediaList(value: Json): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((item) => mediaType(item) !== undefined);
}

/** Reads one media value. */
export function readMedia(value: JsonObject, place: MediaPlace): Media {
  const type = mediaType(value) ?? "";
  const [kind, read] = readers.get(type) ?? [type, inline];
  return { kind, items: read(value, place) };
}

/** Reads a list of media values of any types; its kind is that of the first. */
export function readMediaList(values: readonly JsonObject[], place: MediaPlace): Media {
  const media = values.map((value) => readMedia(value, place));
  return { kind: media[0]?.kind ?? "", items: media.flatMap(({ items }) => items) };
}

function inline(value: JsonObject): readonly MediaItem[] {
  return [{ data: without(value, new Set(["_type"])) }];
}
