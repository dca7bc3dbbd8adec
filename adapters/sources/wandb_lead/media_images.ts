import type { MediaItem } from "../../../src/model/event.ts";
import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import { array, type MediaPlace, pathOf, single, without } from "./media_item.ts";
import { own } from "./value_tree.ts";

/** An image, followed by its boxes and masks. */
export function image(value: JsonObject, place: MediaPlace): readonly MediaItem[] {
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
    const [item] = isObject(value) ? single(value, place) : [];
    const data = isObject(item?.data) ? item.data : {};
    return { ...item, data: { ...data, overlay, name, image: at } };
  });
}

/** A list of images. Clients before 0.13.11 may leave out the file names: they follow from key and step. */
export function images(value: JsonObject, place: MediaPlace): readonly MediaItem[] {
  const count = Number(own(value, "count") ?? 0);
  const format = own(value, "format") ?? "png";
  const names = array(own(value, "filenames"));
  const captions = array(own(value, "captions"));
  const boxes = array(own(value, "all_boxes"));
  const masks = array(own(value, "all_masks"));
  const total = names.length > 0 ? names.length : Math.min(count, mostItems);
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
