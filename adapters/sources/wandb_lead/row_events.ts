import type { HistoryEvent, HistoryValue } from "../../../src/model/event.ts";
import { isObject, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";
import type { HistoryRow } from "./history_row.ts";
import { isMediaList, type Media, mediaType, readMedia, readMediaList } from "./media.ts";
import type { MediaPlace } from "./media_item.ts";

/** What one history record holds, apart from its step and time. */
export interface RowContent {
  readonly values: HistoryEvent["values"];
  readonly media: readonly (Media & { readonly key: string })[];
  /** Names of two values, one of a key with a dot and one of a nested key; the latter is kept. */
  readonly doubled: readonly string[];
}

/**
 * Parts the values of a row from its media. Go clients explode objects into their leaves, so that
 * media are only recognised on the tree; what is left of it are metrics named by their path.
 */
export function rowContent(
  values: HistoryRow["values"],
  tree: JsonObject,
  { step, resolve }: Omit<MediaPlace, "key">,
): RowContent {
  const media: (Media & { readonly key: string })[] = [];
  const doubled: string[] = [];
  const visit = (key: string, value: Json): void => {
    const place = { key, step, resolve };
    if (isObject(value)) {
      if (mediaType(value) !== undefined) media.push({ key, ...readMedia(value, place) });
      else visitParts(key, value);
    } else if (isMediaList(value)) media.push({ key, ...readMediaList(value, place) });
    else {
      if (Object.hasOwn(values, key)) doubled.push(key);
      setKey<HistoryValue>(values, key, value as HistoryValue);
    }
  };
  const visitParts = (prefix: string, parts: JsonObject): void => {
    for (const [name, part] of Object.entries(parts)) visit(`${prefix}.${name}`, part);
  };
  for (const [key, value] of Object.entries(tree)) visit(key, value);
  return { values, media, doubled };
}
