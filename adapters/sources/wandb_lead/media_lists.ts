import type { MediaItem } from "../../../src/model/event.ts";
import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import { array, type MediaPlace, pathOf, single } from "./media_item.ts";
import { own } from "./value_tree.ts";

/** Reads a media value of one type. */
export type Reader = (value: JsonObject, place: MediaPlace) => readonly MediaItem[];

/** Lists beside the files with one element for each, and what an item calls its element. */
const besides: readonly (readonly [string, string])[] = [
  ["sampleRates", "sampleRate"],
  ["durations", "duration"],
];

/** An item of a list: its own value, and what the lists beside it say of it. */
function listed(
  value: JsonObject,
  item: Json | undefined,
  at: number,
  place: MediaPlace,
): MediaItem {
  const [first] = isObject(item) ? single(item, place) : [];
  const caption = array(own(value, "captions"))[at];
  const data = Object.fromEntries(
    besides.map(([name, element]) => [element, array(own(value, name))[at] ?? null] as const)
      .filter(([, element]) => element !== null),
  );
  const all = { ...(isObject(first?.data) ? first.data : {}), ...data };
  return {
    ...first,
    ...(typeof caption === "string" && caption !== "" ? { caption } : {}),
    ...(Object.keys(all).length === 0 ? {} : { data: all }),
  };
}

/** A list of whole media values under a field. */
export function list(field: string): Reader {
  return (value, place) =>
    array(own(value, field)).map((item, at) => listed(value, item, at, place));
}

/** A list of file names under `filenames`, below a folder, perhaps with whole values beside them. */
export function named(folder: string, field: string): Reader {
  return (value, place) => {
    const names = array(own(value, "filenames"));
    if (names.length === 0) return list(field)(value, place);
    const items = array(own(value, field));
    return names.map((name, at) => {
      const path = String(name);
      const file = { path: pathOf(path.startsWith(folder) ? path : folder + path) };
      return { file, ...listed(value, items[at], at, place) };
    });
  };
}
