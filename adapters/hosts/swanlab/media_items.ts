import type { MediaItem } from "../../../src/model/event.ts";
import { malformed } from "./refusal.ts";
import type { MediaRecord } from "./run_details.ts";
import { stepOf, timeOf } from "./scalar_batch.ts";

/** One item as clients send it (swanlab-api §4.2), not looked at yet. */
interface Item {
  readonly key?: unknown;
  readonly index?: unknown;
  readonly data?: unknown;
  readonly more?: unknown;
  readonly create_time?: unknown;
}

/**
 * Reads the media points of a request. `now` in ms since epoch stands in for a missing time.
 * @throws {Refusal} when one of them is no media point; none is taken then.
 */
export function parseMedia(items: readonly unknown[], now: number): readonly MediaRecord[] {
  return items.map((item, at) => {
    if (typeof item !== "object" || item === null) throw malformed(`metrics[${at}] is no object`);
    const { key, index, data, more, create_time: created } = item as Item;
    if (typeof key !== "string" || key === "") throw malformed(`metrics[${at}] has no key`);
    const list: readonly unknown[] = Array.isArray(data) ? data : [data];
    if (!list.every((one) => typeof one === "string")) {
      throw malformed(`metrics[${at}].data holds something that is no text`);
    }
    return {
      key,
      step: stepOf(index, at),
      time: created === undefined ? now : timeOf(created, at),
      data: list,
      more: Array.isArray(more) ? more : [],
    };
  });
}

/**
 * The items of a media point: what was sent as an object is a file, anything else is a text. Texts
 * for the items stand beside them in `more`; clients from 0.8 on leave out those that have none.
 */
export function mediaItems(
  { data, more }: MediaRecord,
  objects: ReadonlyMap<string, { readonly bytes: number; readonly sha256: string }>,
): readonly MediaItem[] {
  return data.map((value, at) => {
    const name = String(value);
    const object = objects.get(name);
    const isFile = object !== undefined || name.startsWith("media/");
    const caption = captionOf(more[at]);
    return {
      ...(isFile ? { file: { path: name, ...object } } : { text: name }),
      ...(caption === undefined ? {} : { caption }),
    };
  });
}

function captionOf(more: unknown): string | undefined {
  if (typeof more !== "object" || more === null || !("caption" in more)) return undefined;
  return typeof more.caption === "string" ? more.caption : undefined;
}
