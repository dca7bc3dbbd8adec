import type { MediaItem, MetricKind } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import {
  type Integer,
  isObject,
  type Json,
  type JsonObject,
  setKey,
} from "../../../src/model/json.ts";
import { own, type Tree } from "./value_tree.ts";

/** A media value, ready for an event. */
export interface Media {
  readonly kind: MetricKind;
  readonly items: readonly MediaItem[];
}

/** What a media value needs to know besides itself. */
export interface MediaPlace {
  readonly key: string;
  readonly step: Integer;
  /** The file behind a "wandb-client-artifact://…" address, if the log tells it. */
  resolve(address: string): FileRef | undefined;
}

type Reader = (value: JsonObject, place: MediaPlace) => readonly MediaItem[];

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

/** Fields of a media value that an item has a place of its own for. */
const ordinary: ReadonlySet<string> = new Set(["_type", "path", "sha256", "size", "caption"]);

function single(value: JsonObject, place: MediaPlace): readonly MediaItem[] {
  const file = fileOf(value, place);
  const caption = own(value, "caption");
  const data = without(value, ordinary);
  return [{
    ...(file === undefined ? {} : { file }),
    ...(typeof caption === "string" ? { caption } : {}),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  }];
}

function inline(value: JsonObject): readonly MediaItem[] {
  return [{ data: without(value, new Set(["_type"])) }];
}

function image(value: JsonObject, place: MediaPlace): readonly MediaItem[] {
  const plain = without(value, new Set(["boxes", "masks"]));
  return [
    ...single(plain, place),
    ...overlays("boxes", own(value, "boxes"), 0, place),
    ...overlays("mask", own(value, "masks"), 0, place),
  ];
}

/** Boxes or masks of the image `at`, each an item with its file. */
function overlays(
  overlay: string,
  named: Json | undefined,
  at: number,
  place: MediaPlace,
): readonly MediaItem[] {
  if (!isObject(named)) return [];
  return Object.entries(named).filter(([, value]) => isObject(value)).map(([name, value]) => {
    const file = isObject(value) ? fileOf(value, place) : undefined;
    return { ...(file === undefined ? {} : { file }), data: { overlay, name, image: at } };
  });
}

/** A list of images. Clients before 0.13.11 may leave out the file names: they follow from key and step. */
function images(value: JsonObject, place: MediaPlace): readonly MediaItem[] {
  const count = Number(own(value, "count") ?? 0);
  const format = own(value, "format") ?? "png";
  const names = array(own(value, "filenames"));
  const captions = array(own(value, "captions"));
  const boxes = array(own(value, "all_boxes"));
  const masks = array(own(value, "all_masks"));
  const total = Math.min(names.length > 0 ? names.length : count, mostItems);
  return Array.from({ length: total }, (_, at): readonly MediaItem[] => {
    const name = names[at] ?? `media/images/${place.key}_${place.step}_${at}.${format}`;
    const caption = captions[at];
    return [
      {
        file: { path: pathOf(String(name)) },
        ...(typeof caption === "string" ? { caption } : {}),
        data: without(value, listed),
      },
      ...overlays("boxes", boxes[at], at, place),
      ...overlays("mask", masks[at], at, place),
    ];
  }).flat();
}

/** No client lists more; a record that claims more is damaged. */
const mostItems = 10_000;
const listed: ReadonlySet<string> = new Set(
  ["_type", "filenames", "captions", "all_boxes", "all_masks", "count", "caption"],
);

/** A list of whole media values under a field, with captions beside them. */
function list(field: string): Reader {
  return (value, place) => {
    const captions = array(own(value, "captions"));
    return array(own(value, field)).flatMap((item, at) => {
      if (!isObject(item)) return [];
      const [first] = single(item, place);
      const caption = captions[at];
      return [{ ...first, ...(typeof caption === "string" ? { caption } : {}) }];
    });
  };
}

/** A list of file names under `filenames`, below a folder, with captions beside them. */
function named(folder: string, objects: string): Reader {
  return (value, place) => {
    const captions = array(own(value, "captions"));
    const names = array(own(value, "filenames"));
    if (names.length === 0) return list(objects)(value, place);
    return names.map((name, at) => {
      const path = String(name);
      const caption = captions[at];
      return {
        file: { path: pathOf(path.startsWith(folder) ? path : folder + path) },
        ...(typeof caption === "string" ? { caption } : {}),
      };
    });
  };
}

function array(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function fileOf(value: JsonObject, place: MediaPlace): FileRef | undefined {
  const path = own(value, "path");
  const address = own(value, "artifact_path");
  if (typeof path !== "string") {
    return typeof address === "string" ? place.resolve(address) : undefined;
  }
  const bytes = own(value, "size");
  const sha256 = own(value, "sha256");
  return {
    path: pathOf(path),
    ...(typeof bytes === "number" ? { bytes } : {}),
    ...(typeof sha256 === "string" ? { sha256 } : {}),
  };
}

/** Records name files relative to `files/`, those from Windows with backslashes. */
function pathOf(path: string): string {
  return `files/${path.replaceAll("\\", "/")}`;
}

function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  const rest: Tree = {};
  for (const [name, part] of Object.entries(value)) if (!names.has(name)) setKey(rest, name, part);
  return rest;
}
