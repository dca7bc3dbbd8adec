import type { MediaEvent, MediaItem } from "../../../../src/model/event.ts";
import { isObject, type Json } from "../../../../src/model/json.ts";
import type { CustomCharts } from "./custom_charts.ts";
import { histogramBytes } from "./histogram.ts";
import { jsonBytes, jsonText } from "./json_text.ts";
import type { Losses } from "./losses.ts";
import { type MediaFormat, mediaFormat } from "./media_format.ts";
import type { Metrics } from "./metrics.ts";
import type { ColumnType, MediaUpload, Outbox } from "./outbox.ts";
import { savedPath, savedPathOf } from "./saved_path.ts";
import { keptStep } from "./step.ts";

/** An item on its way, and the column that it needs. */
interface Mapped {
  readonly type: ColumnType;
  readonly upload: MediaUpload;
}

/**
 * Media of other trackers. What SwanLab can show becomes an object in its format; where that is not
 * the file itself, and where it can show nothing, the file is saved with the run.
 */
export class MediaMapping<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #metrics: Metrics<Series>;
  readonly #losses: Losses;
  readonly #charts: CustomCharts;

  constructor(
    outbox: Outbox<Series>,
    metrics: Metrics<Series>,
    losses: Losses,
    charts: CustomCharts,
  ) {
    this.#outbox = outbox;
    this.#metrics = metrics;
    this.#losses = losses;
    this.#charts = charts;
  }

  map(event: MediaEvent): void {
    const { seq, time } = event;
    const step = keptStep(event.step, seq, this.#losses);
    if (step === undefined) return;
    this.#metrics.user.of(event.key).media = event.items;
    const byType = new Map<ColumnType, MediaUpload[]>();
    for (const [index, item] of event.items.entries()) {
      const mapped = this.#item(item, index, event);
      if (mapped === undefined) continue;
      const uploads = byType.get(mapped.type) ?? [];
      byType.set(mapped.type, uploads);
      uploads.push(mapped.upload);
    }
    const chart = this.#charts.ofTable(event);
    const metric = this.#metrics.user.of(chart?.key ?? event.key);
    for (const [type, items] of byType) {
      this.#outbox.media(this.#metrics.media(metric, type), {
        seq,
        step,
        ...(time === undefined ? {} : { time }),
        items,
      });
    }
  }

  #item(item: MediaItem, index: number, event: MediaEvent): Mapped | undefined {
    const { file, text, caption, data } = item;
    const { seq, key, kind } = event;
    const said = caption === undefined ? {} : { caption };
    if (isObject(data) && data["layer"] !== undefined) {
      this.#layer(item, index, event);
      return undefined;
    }
    if (file === undefined) {
      if (text === undefined) return this.#inline(data ?? null, index, event);
      return { type: "TEXT", upload: { text, folder: "text", ending: "txt", ...said } };
    }
    const format = this.#format(event, file.path);
    if (format === undefined || format.convert !== undefined) this.#save(item, event);
    if (format === undefined) {
      const reason = "media that SwanLab cannot show are saved files";
      this.#losses.converted(seq, reason, `${key} (${kind})`);
      return undefined;
    }
    const { type, folder, ending, convert } = format;
    const content = convert === undefined ? { file } : { file, convert };
    return { type, upload: { content, folder, ending, ...said } };
  }

  #format(event: MediaEvent, path: string): MediaFormat | undefined {
    const chart = this.#charts.ofTable(event);
    const format = mediaFormat(event.kind, path);
    if (chart === undefined || format === undefined) return format;
    return { ...format, convert: chart.convert };
  }

  #save({ file }: MediaItem, { seq, kind }: MediaEvent): void {
    if (file === undefined) return;
    this.#outbox.file({ path: savedPathOf(file.path, `media/${kind}`), content: { file }, seq });
  }

  /** Boxes and masks: their files are saved beside the image that is shown. */
  #layer(item: MediaItem, index: number, event: MediaEvent): void {
    this.#losses.converted(event.seq, "boxes and masks are saved files", event.key);
    if (item.file === undefined) this.#saveData(item.data ?? null, index, event);
    else this.#save(item, event);
  }

  /** A value without a file. */
  #inline(data: Json, index: number, event: MediaEvent): Mapped | undefined {
    const { seq, key, kind } = event;
    if (kind === "histogram") {
      const bytes = histogramBytes(data);
      if (bytes !== undefined) {
        const upload = { content: { bytes }, folder: "echarts", ending: "json" };
        return { type: "ECHARTS", upload };
      }
    }
    if (kind === "json") {
      const value = isObject(data) ? data["value"] ?? data : data;
      const upload = { text: jsonText(value, "bare"), folder: "text", ending: "txt" };
      return { type: "TEXT", upload };
    }
    const reason = "media that SwanLab cannot show are saved files";
    this.#losses.converted(seq, reason, `${key} (${kind})`);
    this.#saveData(data, index, event);
    return undefined;
  }

  #saveData(data: Json, index: number, { seq, step, key, kind }: MediaEvent): void {
    const path = savedPath(`media/${kind}/${key}_${step}_${index}.json`);
    this.#outbox.file({ path, content: { bytes: jsonBytes(data) }, seq });
  }
}
