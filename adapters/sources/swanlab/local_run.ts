import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { RunFiles, Tail } from "../../../src/adapter.ts";
import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import { SourceError } from "../../../src/errors.ts";
import type { MediaItem, MetricKind } from "../../../src/model/event.ts";
import type { EventBatch } from "./event_batch.ts";
import type { Ending } from "./identity.ts";
import { asPoint, asText, asTexts, member } from "./json_fields.ts";
import { mediaItems } from "./json_media.ts";
import type { Key, KeyTable } from "./key_table.ts";
import { localConsole, localError } from "./local_console.ts";
import { type LocalFacts, readLocalFacts } from "./local_database.ts";
import { keyFolders, type LocalPoint, localPoints } from "./local_points.ts";
import { guessKind } from "./media_kind.ts";
import { statusOf } from "../../../src/files/status_of.ts";
import type { TextFiles } from "./text_files.ts";
import { parseTime, withTime } from "./timestamp.ts";

/** Up to these versions a text is a file, and media lie in a folder named by the bare key. */
const textsInFiles = /^0\.[12]\./;

/**
 * What the `local` mode leaves: a file of JSON points per key, terminal text per day, and a database
 * in the parent directory. Up to swanlab 0.6.1 that is all there is; later it stands beside the log.
 */
export class LocalRun {
  readonly #root: string;
  readonly #files: Pick<RunFiles, "file">;
  readonly facts: LocalFacts | undefined;
  /** Why the database could not be read. */
  readonly problem: string | undefined;

  private constructor(
    root: string,
    files: Pick<RunFiles, "file">,
    facts: LocalFacts | undefined,
    problem: string | undefined,
  ) {
    this.#root = root;
    this.#files = files;
    this.facts = facts;
    this.problem = problem;
  }

  /** Reads the database as far as it is about the run directory `root`. */
  static async open(
    root: string,
    files: Pick<RunFiles, "file">,
  ): Promise<LocalRun> {
    const database = join(dirname(root), "runs.swanlab");
    try {
      const facts = await readLocalFacts(database, basename(root));
      return new LocalRun(root, files, facts, undefined);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return new LocalRun(root, files, undefined, error.message);
    }
  }

  /** How the run ended. */
  async ending(): Promise<Ending | undefined> {
    const ending = this.facts?.ending;
    if (ending?.state !== "failed") return ending;
    const error = await localError(this.#files);
    return error === undefined ? ending : { ...ending, error };
  }

  /** Changes when the database says something else of this run; reads it again. */
  async stamp(): Promise<string> {
    const { facts, problem } = await LocalRun.open(this.#root, this.#files);
    const said = writeLosslessJson([facts ?? null, problem ?? null]);
    return createHash("sha256").update(said).digest("hex");
  }

  /** Passes on the keys that the database declares. */
  declare(batch: EventBatch): void {
    for (const { declaration, time } of this.facts?.keys ?? []) {
      const seq = batch.next();
      batch.add({ type: "metric", seq, ...withTime(time), ...declaration });
    }
  }

  /** Passes on the terminal text. */
  console(batch: EventBatch): AsyncGenerator<void, void, undefined> {
    return localConsole(this.#root, this.#files, batch, this.facts?.version);
  }

  /**
   * Passes on the points, key by key; of keys that the log has too, only the steps that it lacks.
   * Yields whenever events should be taken, with the first line that is cut short; everything else
   * that is lost is a gap.
   */
  async *points(
    batch: EventBatch,
    keys: KeyTable,
    texts: TextFiles,
  ): AsyncGenerator<Tail | undefined, void, undefined> {
    let tail: Tail | undefined;
    for (const { folder, declaration } of this.facts?.keys ?? []) {
      const key = keys.named(declaration.key);
      key.kind ??= declaration.kind;
      keys.own(key, folder);
    }
    for (const folder of await keyFolders(this.#root)) {
      const [owner, ...others] = keys.owners(folder);
      if (owner === undefined && /^\d+$/.test(folder)) {
        this.#gap(batch, `logs/${folder}: nothing tells which key its points belong to`);
      }
      if (others.length > 0) {
        this.#gap(
          batch,
          `logs/${folder}: points of ${others.length + 1} keys, mixed by the client`,
        );
        continue;
      }
      const key = owner ?? keys.named(decodeFolder(folder));
      for await (const points of localPoints(this.#root, folder, this.#files)) {
        for (const point of points) {
          if (!("damage" in point)) {
            if (batch.lacks(key, point.step)) this.#point(batch, texts, key, folder, point);
          } else if (point.isTail && tail === undefined) tail = point.damage;
          else batch.add({ type: "gap", seq: batch.next(), ...point.damage });
        }
        yield tail;
      }
    }
  }

  #gap(batch: EventBatch, reason: string): void {
    batch.add({ type: "gap", seq: batch.next(), offset: 0, bytes: 0, reason });
  }

  #point(
    batch: EventBatch,
    texts: TextFiles,
    key: Key,
    folder: string,
    { step, point }: LocalPoint,
  ): void {
    const time = parseTime(member(point, "create_time"));
    const data = member(point, "data");
    const isMedia = key.kind !== undefined && key.kind !== "scalar";
    const value = asPoint(data);
    if (value !== undefined && !(isMedia && typeof value === "string")) {
      batch.point(key, step, time, value);
      return;
    }
    const single = asText(data);
    const values = single === undefined ? asTexts(data) : [single];
    if (values === undefined) {
      const bytes = writeLosslessJson(point).length;
      batch.add({ type: "unknown", seq: batch.next(), record: key.text, bytes });
      return;
    }
    if (!batch.isNew(key, step)) return;
    const kind = isMedia ? key.kind ?? "text" : guessKind(values);
    batch.add({
      type: "media",
      seq: batch.next(),
      ...withTime(time),
      step,
      key: key.text,
      kind,
      items: mediaItems(
        values,
        member(point, "more"),
        (item) => this.#item(item, kind, key.text, folder, texts),
      ),
    });
  }

  #item(
    value: string,
    kind: MetricKind,
    key: string,
    folder: string,
    texts: TextFiles,
  ): MediaItem {
    const isOld = textsInFiles.test(this.facts?.version ?? "");
    if (kind === "text" && !isOld) return { text: value };
    const byKey = `media/${key}/${value}`;
    const useKey = isOld &&
      statusOf(join(this.#root, byKey))?.isFile() === true;
    const file = { path: useKey ? byKey : `media/${folder}/${value}` };
    return kind === "text" ? texts.later({ file }, file) : { file };
  }
}

/** The key of a folder that the database does not know: up to 0.3.13 the folder's name is the key. */
function decodeFolder(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch (error) {
    if (error instanceof URIError) return folder;
    throw error;
  }
}
