import type { Loss, RunFiles } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { contentType } from "./content_type.ts";
import type { StoredMedia } from "./item_text.ts";
import { Limiter } from "./limiter.ts";
import type { MediaPoint, MediaUpload } from "./mapping/outbox.ts";
import { putObject, signedAddresses } from "./object_store.ts";
import { readContent, type RunContent, unreadable } from "./run_content.ts";
import type { Session } from "./session.ts";
import { stepText } from "./step_text.ts";

/** Objects whose addresses are asked for together. */
const mostObjects = 50;
/** Bytes of objects that are held for one such question. */
const mostBytes = 12 << 20;
/** Such groups under way side by side. */
const mostGroups = 3;
/** Objects under way at once. */
const mostPuts = 24;

/** A media point of a key, waiting. */
interface Waiting<Series> {
  readonly series: Series;
  readonly point: MediaPoint;
  /** Whether its objects are to be stored; else only their names are found out. */
  readonly store: boolean;
}

/** One item, ready to be named in a point; `path` also where its object goes, if it has one. */
interface Item {
  readonly data: string;
  readonly caption: string | undefined;
  readonly content?: RunContent;
}

/** A point whose contents were read. */
interface Prepared<Series> extends Waiting<Series> {
  readonly items: readonly Item[];
}

/** SHA-256 of the objects of a point, by path. */
export type MediaContents = ReadonlyMap<string, string>;

/** What the queue needs to know. */
export interface MediaQueueOptions<Series> {
  readonly session: Session;
  /** The run at the host; known once the queue is opened. */
  runId(): string;
  readonly files: RunFiles;
  /** Called in order, once the objects of a point are stored. */
  stored(series: Series, point: MediaPoint, media: StoredMedia, contents: MediaContents): void;
  lost(loss: Loss): void;
}

/** Stores the objects of media points, some side by side, and hands the points on in order. */
export class MediaQueue<Series> {
  readonly #options: MediaQueueOptions<Series>;
  readonly #waiting: Waiting<Series>[] = [];
  /** The first `seq` of each group under way. */
  readonly #groups: number[] = [];
  readonly #puts = new Limiter(mostPuts);
  /** Where each object is, by path, so that it is stored once. */
  readonly #paths = new Map<string, string>();
  #running: Promise<void> | undefined;
  /** The group whose contents are being read, once there is room for it. */
  #prepared: Promise<unknown> = Promise.resolve();
  #handed: Promise<void> = Promise.resolve();
  /** Why nothing more is stored. */
  #failure: Error | undefined;
  #open = false;

  constructor(options: MediaQueueOptions<Series>) {
    this.#options = options;
  }

  /** Points that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether one of them has objects to be stored; the others are only read. */
  get storing(): boolean {
    return this.#waiting.some(({ store }) => store);
  }

  /** The `seq` of the first event whose point was not handed on; Infinity when there is none. */
  get first(): number {
    return this.#groups[0] ?? this.#waiting[0]?.point.seq ?? Infinity;
  }

  /** Takes the next point; `store` tells whether its objects are to be stored. */
  add(series: Series, point: MediaPoint, store: boolean): void {
    this.#waiting.push({ series, point, store });
    this.#run();
  }

  /** Begins to store; until then everything waits. */
  open(): void {
    this.#open = true;
    this.#run();
  }

  /**
   * Resolves when at most `most` points wait; with 0 also everything is handed on.
   * @throws {ToolError} what storing an object threw.
   */
  async settle(most: number): Promise<void> {
    if (!this.#open) return;
    while (this.#waiting.length > most && this.#failure === undefined) await this.#prepared;
    if (most === 0) {
      await this.#running;
      await this.#handed;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #run(): void {
    if (!this.#open || this.#running !== undefined || this.#waiting.length === 0) return;
    this.#running = this.#drain().catch((error: Error) => {
      this.#failure ??= error;
    });
  }

  async #drain(): Promise<void> {
    const groups = new Limiter(mostGroups);
    while (this.#waiting.length > 0) {
      const prepared = groups.room().then(() => this.#failure === undefined ? this.#prepare() : []);
      this.#prepared = prepared;
      const group = await prepared;
      if (this.#failure !== undefined) return;
      this.#groups.push(group[0]?.point.seq ?? Infinity);
      const stored = groups.run(() => this.#store(group));
      this.#handed = this.#handed.then(() => stored).then(() => {
        if (this.#failure !== undefined) return;
        this.#handOn(group);
        this.#groups.shift();
      }).catch((error: Error) => {
        this.#failure ??= error;
      });
    }
    this.#running = undefined;
  }

  /** Reads the contents of the next points, as many as go together. */
  async #prepare(): Promise<readonly Prepared<Series>[]> {
    const group: Prepared<Series>[] = [];
    let objects = 0;
    let bytes = 0;
    while (objects < mostObjects && bytes < mostBytes) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      const items = await this.#items(next.point);
      this.#waiting.shift();
      group.push({ ...next, items });
      objects += items.length;
      for (const { content } of items) bytes += content?.held ?? 0;
    }
    return group;
  }

  async #items(point: MediaPoint): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (const upload of point.items) {
      const item = await this.#item(point, upload);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  async #item({ seq, step }: MediaPoint, upload: MediaUpload): Promise<Item | undefined> {
    const { text, content, caption } = upload;
    if (content === undefined) return { data: text ?? "", caption };
    try {
      const read = await readContent(this.#options.files, content);
      if (read !== undefined) {
        return { data: objectPath(upload, step, read), caption, content: read };
      }
      this.#options.lost({
        seq,
        kind: "unsupported",
        reason: `${upload.folder} that cannot be shown, kept as a saved file`,
        ...("file" in content ? { example: content.file.path } : {}),
      });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const example = "file" in content ? { example: content.file.path } : {};
      this.#options.lost({ seq, ...unreadable(error), ...example });
    }
    return undefined;
  }

  /** Stores the objects of a group that are not stored yet. */
  async #store(group: readonly Prepared<Series>[]): Promise<void> {
    const { session } = this.#options;
    const fresh = new Map<string, RunContent>();
    const items = group.filter(({ store }) => store).flatMap(({ items }) => items);
    for (const { data, content } of items) {
      if (content === undefined || this.#paths.get(data) === content.sha256) continue;
      this.#paths.set(data, content.sha256);
      fresh.set(data, content);
    }
    if (fresh.size === 0) return;
    const runId = this.#options.runId();
    const urls = await signedAddresses(session, runId, [...fresh.keys()]);
    await Promise.all([...fresh].map(([path, content], at) =>
      this.#puts.run(async () => {
        const object = { ...content, path, contentType: contentType(path) };
        const renew = async (): Promise<string> =>
          (await signedAddresses(session, runId, [path]))[0] ?? "";
        await putObject(session, urls[at] ?? "", object, renew);
      })
    ));
  }

  #handOn(group: readonly Prepared<Series>[]): void {
    for (const { series, point, items } of group) {
      if (items.length === 0) continue;
      const media = {
        data: items.map(({ data }) => data),
        captions: items.map(({ caption }) => caption),
      };
      const contents = items.flatMap(({ data, content }) =>
        content === undefined ? [] : [[data, content.sha256] as const]
      );
      this.#options.stored(series, point, media, new Map(contents));
    }
  }
}

/** Where an object goes: where the tracker had it, or named as the newest client does. */
function objectPath(
  { path, folder, ending }: MediaUpload,
  step: number,
  { sha256 }: RunContent,
): string {
  if (path !== undefined) return path;
  return `media/${folder}/${stepText(step).padStart(3, "0")}-${sha256.slice(0, 8)}.${ending}`;
}
