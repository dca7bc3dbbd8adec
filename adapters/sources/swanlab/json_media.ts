import type { LosslessValue } from "../../../src/codec/lossless_json.ts";
import type { MediaItem } from "../../../src/model/event.ts";
import { asArray, asText, member } from "./json_fields.ts";

/**
 * The items of a media value, each with its caption. `more` runs parallel to the values and holds a
 * caption or null for each; clients up to 0.7.2 leave it out when no item has one.
 */
export function mediaItems(
  values: readonly string[],
  more: LosslessValue | undefined,
  content: (value: string) => MediaItem,
): MediaItem[] {
  const captions = asArray(more) ?? [];
  return values.map((value, at) => {
    const caption = asText(member(captions[at], "caption"));
    const item = content(value);
    return caption === undefined ? item : { ...item, caption };
  });
}
