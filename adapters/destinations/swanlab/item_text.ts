import { createTime } from "./create_time.ts";
import { stepText } from "./step_text.ts";

/** What stands between two items of a body: no item holds a newline, so bodies can be split there. */
export const itemSeparator = ",\n";

/** The part of every point's text that is the same for a key. */
export function keyText(key: string): string {
  return `{"key":${JSON.stringify(key)},"index":`;
}

/**
 * A scalar as the API takes it. NaN is "NaN" and both infinities are "INF": the only spellings that
 * clients are known to send (swanlab-api §4.2). `key` is its {@link keyText}, `time` in ms, `digits`
 * all digits of an integer that `value` may not hold exactly.
 */
export function scalarText(
  key: string,
  step: number,
  time: number,
  value: number,
  digits: string = numberText(value),
): string {
  return `${key}${stepText(step)},"data":${digits},"create_time":"${createTime(time)}"}`;
}

function numberText(value: number): string {
  if (value - value !== 0) return value === value ? '"INF"' : '"NaN"';
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  // Digits alone would be read as an integer, of which the last ones are not meant.
  const isLong = (value >= 2 ** 53 || value <= -(2 ** 53)) && Math.abs(value) < 1e21;
  return isLong ? `${value}.0` : String(value);
}

/** The items of a media point as stored: paths of objects or texts, and their captions. */
export interface StoredMedia {
  readonly data: readonly string[];
  readonly captions: readonly (string | undefined)[];
}

/**
 * A media point as the API takes it. `more` stands parallel to `data`, with null for an item
 * without caption: the newest client leaves those out, so that captions move (swanlab-api §4.2).
 */
export function mediaText(key: string, step: number, time: number, media: StoredMedia): string {
  const more = media.captions.map((caption) => caption === undefined ? null : { caption });
  return `${key}${stepText(step)},"data":${JSON.stringify(media.data)},"more":${
    JSON.stringify(more)
  }` +
    `,"create_time":"${createTime(time)}"}`;
}

/**
 * One text that is the same exactly for equal media points, whatever their host adds; an empty
 * caption is none.
 */
export function mediaIdentity({ data, captions }: StoredMedia): string {
  return JSON.stringify([data, captions.map((caption = "") => caption === "" ? null : caption)]);
}
