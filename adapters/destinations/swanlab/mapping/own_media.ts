import type { MediaEvent, MediaItem } from "../../../../src/model/event.ts";
import type { Losses } from "./losses.ts";
import { columnType, endingOf } from "./media_format.ts";
import type { Metrics } from "./metrics.ts";
import type { MediaUpload, Outbox } from "./outbox.ts";
import { savedPathOf } from "./saved_path.ts";
import { keptStep } from "./step.ts";

/** What `encodeURIComponent` leaves, though SwanLab's client encodes it. */
const leftOver = /[!'()*]/g;

/**
 * Media of SwanLab's own runs, under the paths that its client gives them: `media/KIND/NAME` for
 * protobuf logs, and `ENCODED KEY/NAME` for older ones, whose texts are no files (swanlab-api §4.2).
 */
export class OwnMedia<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #metrics: Metrics<Series>;
  readonly #losses: Losses;

  constructor(outbox: Outbox<Series>, metrics: Metrics<Series>, losses: Losses) {
    this.#outbox = outbox;
    this.#metrics = metrics;
    this.#losses = losses;
  }

  map(event: MediaEvent, byKind: boolean): void {
    const { seq, step, time, key, kind, items } = event;
    const type = columnType(kind);
    if (type === undefined || type === "FLOAT") {
      this.#keep(event);
      return;
    }
    const at = keptStep(step, seq, this.#losses);
    if (at === undefined) return;
    const uploads = items.flatMap((item) => this.#upload(item, event, byKind));
    const series = this.#metrics.media(this.#metrics.user.of(key), type);
    const point = { seq, step: at, ...(time === undefined ? {} : { time }), items: uploads };
    if (uploads.length > 0) this.#outbox.media(series, point);
  }

  #upload(
    { file, text, caption }: MediaItem,
    { seq, key, kind }: MediaEvent,
    byKind: boolean,
  ): readonly MediaUpload[] {
    const said = caption === undefined ? {} : { caption };
    if (file === undefined) {
      if (text !== undefined) return [{ text, folder: "text", ending: "txt", ...said }];
      this.#losses.unsupported(seq, "a media item without content", key);
      return [];
    }
    const name = file.path.split("/").at(-1) ?? "";
    const path = byKind ? `media/${kind}/${name}` : `${encodedKey(key)}/${name}`;
    return [{ content: { file }, path, folder: kind, ending: endingOf(name), ...said }];
  }

  /** Files of a kind that the API has no name for. */
  #keep({ seq, key, kind, items }: MediaEvent): void {
    const files = items.flatMap(({ file }) => file === undefined ? [] : [file]);
    for (const file of files) {
      this.#outbox.file({ path: savedPathOf(file.path, `media/${kind}`), content: { file }, seq });
    }
    if (files.length < items.length) {
      this.#losses.unsupported(seq, `media of the kind ${kind}`, key);
    } else this.#losses.converted(seq, "media that SwanLab cannot show are saved files", key);
  }
}

/** A key with everything but letters, digits and `_.-~` percent-encoded, `/` included. */
function encodedKey(key: string): string {
  return encodeURIComponent(key.toWellFormed()).replace(
    leftOver,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
