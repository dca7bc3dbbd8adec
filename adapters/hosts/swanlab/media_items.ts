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
