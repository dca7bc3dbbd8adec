import type { MediaEvent } from "../../../src/model/event.ts";
import { isObject, type Json } from "../../../src/model/json.ts";

/** Kind of event by `_type`. */
const kinds: { readonly [type: string]: string } = {
  "image-file": "image",
  "images/separated": "image",
  "audio-file": "audio",
  audio: "audio",
  "video-file": "video",
  videos: "video",
  "html-file": "html",
  html: "html",
  "object3D-file": "object3d",
  object3D: "object3d",
  "molecule-file": "molecule",
  molecule: "molecule",
  "plotly-file": "plotly",
  "table-file": "table",
  "incremental-table-file": "table",
  histogram: "histogram",
};

/** What a media value says, in no order. */
export interface MediaFacts {
  readonly kind: string;
  readonly facts: readonly string[];
}

/** The facts of a logged value; undefined when it is no media. */
export function mediaOf(logged: Json, key: string, step: unknown): MediaFacts | undefined {
  const value = withNames(logged, key, step);
  const list = Array.isArray(value) && value.length > 0 ? value : [value];
  const types = list.map((each) => isObject(each) ? each["_type"] : undefined);
  if (types.some((type) => typeof type !== "string")) return undefined;
  const facts = list.flatMap((each) => factsOf("", each));
  return { kind: kinds[String(types[0])] ?? "", facts: [...new Set(facts)].sort() };
}

/** Lists of images without file names have them all the same: they follow from key and step. */
function withNames(value: Json, key: string, step: unknown): Json {
  if (!isObject(value) || value["_type"] !== "images/separated" || value["filenames"]) return value;
  const { count, format } = value;
  const filenames = Array.from({ length: Number(count) }, (_, at) => at)
    .map((at) => `media/images/${key}_${step}_${at}.${format}`);
  return { ...value, filenames };
}

/** Names that say nothing of their own. */
const silent: readonly string[] = ["_type", "count"];
const plural: { readonly [name: string]: string } = { filenames: "path", captions: "caption" };

function factsOf(name: string, value: Json): readonly string[] {
  if (value === null || silent.includes(name)) return [];
  if (isObject(value)) return Object.entries(value).flatMap(([key, part]) => factsOf(key, part));
  const one = plural[name];
  if (Array.isArray(value) && (one !== undefined || value.some((part) => isObject(part)))) {
    return value.flatMap((part) => part === "" ? [] : factsOf(one ?? name, part));
  }
  if (Array.isArray(value) && value.every((part) => part === null)) return [];
  return [`${name} ${JSON.stringify(value)}`];
}

/** The facts of a media event: files with their paths in `files/`, captions, and data. */
export function factsOfEvent({ kind, items }: MediaEvent): MediaFacts {
  const facts = items.flatMap(({ file, caption, data, text }) => [
    ...(file === undefined ? [] : [`path ${JSON.stringify(file.path.replace(/^files\//, ""))}`]),
    ...(file?.bytes === undefined ? [] : [`size ${file.bytes}`]),
    ...(file?.sha256 === undefined ? [] : [`sha256 "${file.sha256}"`]),
    ...(caption === undefined || caption === "" ? [] : [`caption ${JSON.stringify(caption)}`]),
    ...(text === undefined ? [] : [`text ${JSON.stringify(text)}`]),
    ...factsOf("", withoutOverlay(data ?? null)),
  ]);
  return { kind, facts: [...new Set(facts)].sort() };
}

/** Which image an overlay belongs to is told by its place in what was logged. */
function withoutOverlay(data: Json): Json {
  if (!isObject(data) || data["overlay"] === undefined) return data;
  const { overlay: _, name: __, image: ___, ...rest } = data;
  return rest;
}
