import type { Loss } from "../../../src/adapter.ts";
import type { Delivery } from "./delivery.ts";
import { createTime } from "./create_time.ts";
import { mediaIdentity, mediaText, scalarText, type StoredMedia } from "./item_text.ts";
import type {
  Column,
  Ending,
  Identity,
  LogLine,
  MediaPoint,
  Outbox,
  Profile,
  SavedFile,
} from "./mapping/outbox.ts";
import { type MediaContents, MediaQueue } from "./media_queue.ts";
import { Series } from "./series.ts";
import { SeriesTally } from "./series_tally.ts";
import type { WriterOptions } from "./writer_options.ts";

/**
 * Takes what the mapping makes of a run, keeps account of what the host should have in the end, and
 * puts what it lacks on its way.
 */
export class Collector implements Outbox<Series> {
  readonly all: Series[] = [];
  readonly queue: MediaQueue<Series>;
  /** Lines of the log, by number. */
  readonly lines: SeriesTally = new SeriesTally();
  /** SHA-256 of every object whose content was read here, by path. */
  readonly contents: Map<string, string> = new Map();
  /** Who the run is, as far as is known. */
  known: Identity = {};
  /** What is known of the run besides its points; complete at the end. */
  description: Profile = {};
  /** How it ended. */
  end: Ending | undefined;
  /** The `seq` of the event that is being mapped. */
  current = 0;
  /** The `seq` of the last event of which something is on its way. */
  lastSent = -1;
  readonly #options: WriterOptions;
  readonly #delivery: Delivery;
  readonly #files = new Map<string, SavedFile>();
  #losses: Loss[] = [];
  /** For points whose time nobody noted: that of the one before. */
  #time: number;
  #sending = true;

  constructor(options: WriterOptions, delivery: Delivery) {
    this.#options = options;
    this.#delivery = delivery;
    this.#time = options.run.info.startedAt ?? options.context.now();
    this.queue = new MediaQueue<Series>({
      session: options.session,
      runId: () => delivery.place?.run.id ?? options.id,
      files: options.run,
      stored: (series, point, media, contents) => this.#stored(series, point, media, contents),
      lost: (loss) => this.loss(loss),
    });
    // What a run that is there has already is read, but nothing has to be begun for that.
    if (options.before !== undefined && options.exact) this.queue.open();
  }

  /** From now on nothing is sent; what is taken is only what the host should have. */
  only(): void {
    this.#sending = false;
    this.queue.open();
  }

  /** The files to save, the last one of each path. */
  get files(): readonly SavedFile[] {
    return [...this.#files.values()];
  }

  /** Whether points wait to be sent. */
  get waiting(): boolean {
    return this.queue.storing || this.#delivery.lanes.some(({ empty }) => !empty);
  }

  /** The losses since the last call. */
  takeLosses(): readonly Loss[] {
    return this.#losses.splice(0);
  }

  series(column: Column): Series {
    const scalar = column.type === "FLOAT";
    const held = this.#options.before?.held;
    const lane = scalar ? this.#delivery.nextLane() : this.#delivery.media;
    const before = (scalar ? held?.scalars : held?.media)?.get(column.key);
    const overlap = column.system ? undefined : this.#options.overlap.of(column.key, before);
    const series = new Series(column, lane, before, overlap);
    this.all.push(series);
    // Whatever has points at the host was declared before them.
    if (before === undefined && (held === undefined || column.error === undefined)) {
      this.#delivery.columns.push(column);
    }
    return series;
  }

  scalar(
    series: Series,
    seq: number,
    ownStep: number,
    time: number | undefined,
    value: number,
    digits?: string,
  ): void {
    const step = this.#stepOf(series, ownStep);
    if (series.overlap !== undefined && this.#isLeft(series, seq, step)) return;
    const at = time === undefined ? this.#time : this.#time = time;
    const isInfinite = value === Infinity || value === -Infinity;
    if (!series.expected.add(step, at, isInfinite ? Infinity : value)) {
      this.#further(seq, series);
      return;
    }
    if (isInfinite) this.loss({ ...infinite, seq, example: series.column.key });
    if (time === undefined) this.#untimed(seq, series.column.key);
    if (!this.#sending || series.held?.has(step) === true) return;
    series.lane.add(scalarText(series.text, step, at, value, digits), seq);
    this.lastSent = seq;
  }

  media(series: Series, own: MediaPoint): void {
    const point = { ...own, step: this.#stepOf(series, own.step) };
    const { seq, step, time, items } = point;
    if (this.#isLeft(series, seq, step)) return;
    if (time !== undefined) this.#time = time;
    else this.#untimed(seq, series.column.key);
    const held = series.held?.has(step) === true;
    const plain = items.every(({ content }) => content === undefined);
    if (plain) {
      const data = items.map(({ text = "" }) => text);
      const captions = items.map(({ caption }) => caption);
      this.#storedAs(series, { ...point, time: this.#time }, { data, captions });
      return;
    }
    if ((held || !this.#sending) && !this.#options.exact) {
      series.unread.add(step);
      return;
    }
    const send = this.#sending && !held;
    this.queue.add(series, { ...point, time: this.#time }, send);
    if (send) this.lastSent = seq;
  }

  log({ level, message, epoch: line, time }: LogLine): void {
    const epoch = this.#options.segment.line(line);
    if (time !== undefined) this.#time = time;
    if (!this.lines.addText(epoch, this.#time, message)) return;
    if (!this.#sending || this.#options.before?.held.lines.has(epoch) === true) return;
    const text = JSON.stringify({ level, message, epoch, create_time: createTime(this.#time) });
    this.#delivery.log.add(text, this.current);
    this.lastSent = this.current;
  }

  file(file: SavedFile): void {
    const before = this.#files.get(file.path);
    if (before !== undefined && !isSameFile(before, file)) {
      this.loss({ ...replaced, seq: before.seq, example: file.path });
    }
    this.#files.set(file.path, file);
  }

  identity(identity: Identity): void {
    this.known = { ...this.known, ...identity };
  }

  profile(profile: Profile): void {
    this.description = profile;
  }

  ending(ending: Ending): void {
    this.end = ending;
  }

  loss(loss: Loss): void {
    this.#losses.push(loss);
  }

  /** Called in order, once the objects of a point are stored. */
  #stored(series: Series, point: MediaPoint, media: StoredMedia, contents: MediaContents): void {
    for (const [path, sha256] of contents) this.contents.set(path, sha256);
    this.#storedAs(series, point, media);
  }

  #storedAs(
    series: Series,
    { seq, step, time = this.#time }: MediaPoint,
    media: StoredMedia,
  ): void {
    if (!series.expected.addText(step, time, mediaIdentity(media))) {
      this.#further(seq, series);
      return;
    }
    if (!this.#sending || series.held?.has(step) === true) return;
    const plain = media.data.length > 0 && !this.contents.has(media.data[0] ?? "");
    const lane = plain ? this.#delivery.texts : this.#delivery.media;
    lane.add(mediaText(series.text, step, time, media), seq);
    if (seq > this.lastSent) this.lastSent = seq;
  }

  /** The step of the run for one of this part of it. */
  #stepOf({ column }: Series, step: number): number {
    const { segment } = this.#options;
    return column.system ? segment.sample(step) : segment.step(step);
  }

  /** Whether the step belongs to another part of the run. */
  #isLeft({ column: { key }, overlap }: Series, seq: number, step: number): boolean {
    const reason = overlap?.at(step);
    if (reason !== undefined) this.loss({ ...reason, seq, example: `${key}, step ${step}` });
    return reason !== undefined;
  }

  #further(seq: number, series: Series): void {
    this.loss({
      seq,
      kind: "converted",
      reason: "a further value at a step that has one is left out",
      example: series.column.key,
    });
  }

  #untimed(seq: number, key: string): void {
    this.loss({
      seq,
      kind: "converted",
      reason: "a point without a time gets that of the one before it",
      example: key,
    });
  }
}

/** Whether two saved files are one of the run directory, saved twice. */
function isSameFile({ content: left }: SavedFile, { content: right }: SavedFile): boolean {
  return "file" in left && "file" in right && left.file.path === right.file.path;
}

/** The last one counts, as where the tracker saves over it. */
const replaced = { kind: "rejected", reason: "a later saved file has the same name" } as const;

/** Clients spell both infinities alike (swanlab-api §4.2). */
const infinite = { kind: "converted", reason: "an infinity is stored without its sign" } as const;
