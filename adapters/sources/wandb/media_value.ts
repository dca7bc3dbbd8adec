import type { MediaItem, MetricKind } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { type Integer, isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import { given, objectOf, textOf, without } from "./json_fields.ts";
import { isList, listItems } from "./media_list.ts";
import type { MediaFiles } from "./media_files.ts";
import type { SpecialValue } from "./value_tree.ts";

/** Kinds by `_type`; any other type is a kind of its own. */
const kinds: ReadonlyMap<string, MetricKind> = new Map([
  ["image-file", "image"],
  ["images/separated", "image"],
  ["audio-file", "audio"],
  ["audio", "audio"],
  ["video-file", "video"],
  ["videos", "video"],
  ["html-file", "html"],
  ["html", "html"],
  ["object3D-file", "object3d"],
  ["object3D", "object3d"],
  ["molecule-file", "molecule"],
  ["molecule", "molecule"],
  ["plotly-file", "plotly"],
  ["plotly", "plotly"],
  ["bokeh-file", "bokeh"],
  ["graph-file", "graph"],
  ["table-file", "table"],
  ["incremental-table-file", "table"],
  ["joined-table", "table"],
  ["partitioned-table", "table"],
  ["histogram", "histogram"],
  ["wb_trace_tree", "trace"],
]);

/** Properties that an item says in words of its own. */
const told = new Set(["_type", "path", "sha256", "size", "caption", "boxes", "masks"]);
/** Those of them that stay where there is no file. */
const ofFile = ["path", "sha256", "size"];

/** What the rest of the log knows about media values. */
export interface MediaSources {
  readonly files: MediaFiles;
  /** The class labels of a mask or of boxes: `kind` as in the configuration. */
  labels(kind: string, key: string, name: string): Json | undefined;
  /** The file behind the address of an artifact's entry. */
  artifactFile(address: string): FileRef | undefined;
}

/** The media of one key that are of one kind. */
export interface MediaValue {
  readonly key: string;
  readonly kind: MetricKind;
  readonly items: readonly MediaItem[];
}

/** Turns what was logged under one key at `step` into media, one value for each kind in it. */
export function mediaOf(
  { path, value }: SpecialValue,
  step: Integer,
  sources: MediaSources,
): readonly MediaValue[] {
  const logged: Logged = { key: path.join("."), name: path.at(-1) ?? "", step, sources };
  const { key } = logged;
  if (isObject(value)) return [{ key, kind: kindOf(value), items: itemsOf(value, logged) }];
  const byKind = new Map<MetricKind, MediaItem[]>();
  for (const [index, element] of value.entries()) {
    const kind = kindOf(element);
    const items = byKind.get(kind) ?? [];
    byKind.set(kind, items);
    items.push(...mixedItems(element, index, logged));
  }
  return [...byKind].map(([kind, items]) => ({ key, kind, items }));
}

function kindOf(value: Json): MetricKind {
  const type = textOf(value, "_type");
  return type === undefined ? "json" : kinds.get(type) ?? type;
}

/** Where a media value was logged. */
interface Logged {
  readonly key: string;
  /** Last part of the key. */
  readonly name: string;
  readonly step: Integer;
  readonly sources: MediaSources;
}

/** The items of one element of an array; each says which element it was. */
function mixedItems(element: Json, index: number, logged: Logged): readonly MediaItem[] {
  if (!isObject(element)) return [{ data: { index, value: element } }];
  return itemsOf(element, logged)
    .map((item) => ({ ...item, data: { ...isObject(item.data) ? item.data : {}, index } }));
}

function itemsOf(value: JsonObject, logged: Logged): readonly MediaItem[] {
  const elements = isList(value) ? listItems(value, logged.name, logged.step) : [value];
  return elements.flatMap((element, index) => [
    mediaItem(element, logged.sources),
    ...layers(element, index, logged),
  ]);
}

/** The item for one media object; everything that it says is in the item. */
function mediaItem(value: JsonObject, { files, artifactFile }: MediaSources): MediaItem {
  const named = files.named(value);
  const address = textOf(value, "artifact_path") ?? textOf(value, "_latest_artifact_path");
  const file = named ?? (address === undefined ? undefined : artifactFile(address));
  const caption = textOf(value, "caption");
  const rest: { [key: string]: Json } = { ...without(value, told) };
  if (named === undefined) {
    for (const name of ofFile) {
      if (Object.hasOwn(value, name)) rest[name] = value[name] as Json;
    }
  }
  const said = value["caption"] ?? "";
  if (caption === undefined && said !== "") rest["caption"] = said;
  const data = Object.keys(rest).length === 0 ? undefined : rest;
  return given({ file, caption, data });
}

/** Boxes and masks, each an item of its own that names its image by its index. */
function layers(
  image: JsonObject,
  index: number,
  { key, name: last, sources: { files, labels } }: Logged,
): readonly MediaItem[] {
  const items: MediaItem[] = [];
  for (
    const [field, kind] of [
      ["masks", "mask/class_labels"],
      ["boxes", "bounding_box/class_labels"],
    ] as const
  ) {
    for (const [name, layer] of Object.entries(objectOf(image, field) ?? {})) {
      if (!isObject(layer)) {
        items.push({ data: { layer: field, name, image: index, value: layer } });
        continue;
      }
      const file = files.named(layer);
      const rest = file === undefined ? layer : without(layer, told);
      const found = labels(kind, key, name) ?? labels(kind, last, name);
      const data = { layer: field, name, image: index, ...rest, ...given({ labels: found }) };
      items.push({ ...given({ file }), data: data as JsonObject });
    }
  }
  return items;
}
