import {
  type Integer,
  isObject,
  type Json,
  type JsonObject,
  setKey,
} from "../../../src/model/json.ts";
import { listOf, numberOf, textOf, without } from "./json_fields.ts";

/** How a type that holds several media names them. */
interface ListType {
  /** Type of each element. */
  readonly element: string;
  /** The property with the elements as objects. */
  readonly objects?: string;
  /** What is in front of the names in `filenames`. */
  readonly folder?: string;
}

const types: ReadonlyMap<string, ListType> = new Map([
  ["images/separated", { element: "image-file", folder: "" }],
  ["audio", { element: "audio-file", objects: "audio" }],
  ["videos", { element: "video-file", objects: "videos" }],
  ["html", { element: "html-file", objects: "html" }],
  ["object3D", { element: "object3D-file", folder: "media/object3D/" }],
  ["molecule", { element: "molecule-file", folder: "" }],
]);

/** Properties with one entry per element, and what an element calls its own. */
const shared: readonly (readonly [string, string])[] = [
  ["captions", "caption"],
  ["all_boxes", "boxes"],
  ["all_masks", "masks"],
  ["sampleRates", "sampleRate"],
  ["durations", "duration"],
  ["objects", "object"],
];

const consumed = new Set(["_type", "count", "filenames", ...shared.map(([name]) => name)]);
/** Images whose names have to be made up; the client itself logs at most 108 at once. */
const mostUnnamed = 10_000;

/** Whether a media value is a list of media. */
export function isList(value: JsonObject): boolean {
  return types.has(textOf(value, "_type") ?? "");
}

/**
 * The elements of a list, each as if it had been logged alone; what is said of all of them is said
 * of each.
 */
export function listItems(value: JsonObject, name: string, step: Integer): readonly JsonObject[] {
  const type = types.get(textOf(value, "_type") ?? "");
  if (type === undefined) return [value];
  const { objects } = type;
  const elements = objects === undefined
    ? namesOf(value, type, name, step).map((path) => ({ _type: type.element, path }))
    : listOf(value, objects).map((element) => isObject(element) ? element : { value: element });
  if (elements.length === 0) return [value];
  const common = without(value, objects === undefined ? consumed : new Set([...consumed, objects]));
  return elements.map((element, index) => {
    const item: { [key: string]: Json } = { ...common };
    for (const [plural, own] of shared) {
      const entry = listOf(value, plural)[index];
      if (entry !== undefined && entry !== null) setKey(item, own, entry);
    }
    for (const [property, own] of Object.entries(element)) {
      if (own !== null || !Object.hasOwn(item, property)) setKey(item, property, own);
    }
    return item;
  });
}

/**
 * Paths of the files of a list. Clients up to 0.12.10, and offline ones up to 0.13.10, do not write
 * the names of images: they are made of the last part of the key, the step and the index.
 */
function namesOf(
  value: JsonObject,
  { folder }: ListType,
  name: string,
  step: Integer,
): readonly string[] {
  const names = listOf(value, "filenames").filter((file) => typeof file === "string");
  if (names.length > 0) return names.map((file) => `${folder}${file}`);
  const format = textOf(value, "format");
  const count = numberOf(value, "count") ?? 0;
  if (format === undefined || !(count > 0 && count <= mostUnnamed)) return [];
  return Array.from(
    { length: Math.trunc(count) },
    (_, index) => `media/images/${name}_${step}_${index}.${format}`,
  );
}
