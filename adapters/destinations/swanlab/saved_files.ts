import { createHash } from "node:crypto";
import type { Loss, RunFiles } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";
import { contentType } from "./content_type.ts";
import { arrayOf, objectOf, textOf } from "./json_reply.ts";
import { Limiter } from "./limiter.ts";
import type { SavedFile } from "./mapping/outbox.ts";
import { putParts } from "./multipart.ts";
import { putObject, type StoredObject } from "./object_store.ts";
import { readContent, type RunContent, unreadable } from "./run_content.ts";
import { notOffered } from "./run_place.ts";
import type { Session } from "./session.ts";

/** Files that are announced together (swanlab-api §6). */
const mostTogether = 100;
/** Bytes held in memory for one announcement. */
const mostHeld = 12 << 20;
/** Files under way at once. */
const mostPuts = 8;

/** What is known of a file that was saved. */
export interface SavedContent {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly md5: string;
}

/** What a host is known to have of a run's saved files. */
export interface KnownFiles {
  /** Of all files, as an earlier sync computed it. */
  readonly digest?: string;
  /** By path, where the host can list them. */
  readonly md5?: ReadonlyMap<string, string>;
  /** Whether a later part of the run is there, whose files of the same names stay. */
  readonly isOverlaid?: boolean;
}

/** What a run's saved files came to. */
export interface SavedResult {
  /** By path, each file that is at the host now. */
  readonly contents: ReadonlyMap<string, SavedContent>;
  /** How many of them were sent. */
  readonly sent: number;
  readonly losses: readonly Loss[];
  /** Hash of all paths and contents, by which a later sync tells that nothing changed. */
  readonly digest: string;
}

/** A file that was read once. */
interface Ready {
  readonly file: SavedFile;
  readonly content: RunContent;
}

/** Whether the host has a file, has yet to get it, or why it does not. */
type Fate = "held" | "absent" | Pick<Loss, "kind" | "reason">;

/** Trackers replace a file that is saved again under its name. */
const replaced: Fate = {
  kind: "converted",
  reason: "a later part of the run has a saved file of this name",
};

/** The same for one that has changed since it was delivered. */
const overlaid: Fate = {
  kind: "rejected",
  reason: "a saved file changed, and a later part of the run has one of this name",
};

/** Stores the files that are saved with a run. */
export class SavedFiles {
  readonly #session: Session;
  readonly #files: RunFiles;
  readonly #puts = new Limiter(mostPuts);
  #losses: Loss[] = [];

  constructor(session: Session, files: RunFiles) {
    this.#session = session;
    this.#files = files;
  }

  /**
   * Stores what the host is not known to have. `runId` is asked for when there is something to
   * store; without it the files are only read.
   * @throws {ToolError} when the host refuses one.
   */
  async store(
    files: readonly SavedFile[],
    known: KnownFiles,
    runId: (() => Promise<string>) | undefined,
  ): Promise<SavedResult> {
    const { md5, digest, isOverlaid = false } = known;
    const isChanged = digest !== undefined && (md5 === undefined || isOverlaid) &&
      digest !== (await this.#pass(files, () => "held", undefined)).digest;
    const isKnown = md5 === undefined && digest !== undefined && !isChanged;
    this.#losses = [];
    const fate = ({ file, content }: Ready): Fate => {
      const there = md5?.get(file.path);
      if (isKnown || there === content.md5) return "held";
      return isOverlaid && there !== undefined ? isChanged ? overlaid : replaced : "absent";
    };
    return await this.#pass(files, fate, runId);
  }

  /** Reads all files in order, and stores those that the host does not have. */
  async #pass(
    files: readonly SavedFile[],
    fateOf: (ready: Ready) => Fate,
    runId: (() => Promise<string>) | undefined,
  ): Promise<SavedResult> {
    const digest = createHash("sha256");
    const contents = new Map<string, SavedContent>();
    let group: Ready[] = [];
    let held = 0;
    let sent = 0;
    const flush = async (): Promise<void> => {
      if (group.length > 0 && runId !== undefined) await this.#storeGroup(await runId(), group);
      sent += group.length;
      group = [];
      held = 0;
    };
    for (const file of files) {
      const content = await this.#read(file);
      if (content === undefined) continue;
      const { size, sha256, md5 } = content;
      digest.update(JSON.stringify([file.path, sha256]));
      const fate = fateOf({ file, content });
      if (typeof fate === "object") {
        this.#losses.push({ seq: file.seq, ...fate, example: file.path });
        continue;
      }
      contents.set(file.path, { size, sha256, md5 });
      if (fate === "held") continue;
      group.push({ file, content });
      held += content.held;
      if (group.length >= mostTogether || held >= mostHeld) await flush();
    }
    await flush();
    return { contents, sent, losses: this.#losses, digest: digest.digest("hex") };
  }

  async #read({ content, path, seq }: SavedFile): Promise<RunContent | undefined> {
    try {
      return await readContent(this.#files, content);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#losses.push({ seq, ...unreadable(error), example: path });
      return undefined;
    }
  }

  async #storeGroup(runId: string, group: readonly Ready[]): Promise<void> {
    const small = group.filter(({ content }) => content.held > 0 || content.size === 0);
    if (small.length > 0 && !await this.#storeSmall(runId, small)) {
      this.#notTaken(group);
      return;
    }
    for (const { file, content } of group) {
      if (content.held === 0 && content.size > 0) await this.#storeLarge(runId, { file, content });
    }
  }

  /** Stores a file in parts; one that changes meanwhile is lost for now, and the rest goes on. */
  async #storeLarge(runId: string, { file, content }: Ready): Promise<void> {
    try {
      const object = objectOfFile(file.path, content);
      if (!await putParts(this.#session, runId, object)) this.#notTaken([{ file, content }]);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#losses.push({ seq: file.seq, ...unreadable(error), example: file.path });
    }
  }

  /** Stores files whole; false when the host takes no saved files (before 2.7.3). */
  async #storeSmall(runId: string, group: readonly Ready[]): Promise<boolean> {
    const objects = group.map(({ file, content }) => objectOfFile(file.path, content));
    const urls = await this.#addresses(runId, objects);
    if (urls === undefined) return false;
    await Promise.all(objects.map((object, at) =>
      this.#puts.run(async () => {
        const renew = async (): Promise<string> =>
          (await this.#addresses(runId, [object]))?.[0] ?? "";
        await putObject(this.#session, urls[at] ?? "", object, renew);
      })
    ));
    await this.#session.call({
      method: "POST",
      path: `/experiment/${encodeURIComponent(runId)}/files/complete`,
      body: JSON.stringify({ files: objects.map(({ path }) => ({ path, state: "UPLOADED" })) }),
      what: `complete saved files of the run ${runId}`,
    });
    return true;
  }

  async #addresses(
    runId: string,
    objects: readonly StoredFile[],
  ): Promise<readonly string[] | undefined> {
    const what = `announce saved files of the run ${runId}`;
    const reply = await this.#session.call({
      method: "POST",
      path: `/experiment/${encodeURIComponent(runId)}/files/prepare`,
      body: JSON.stringify({
        files: objects.map(({ path, size, md5, contentType }) => ({
          path,
          size,
          md5,
          mimeType: contentType,
        })),
      }),
      what,
      accept: notOffered,
    });
    if (notOffered.includes(reply.status)) return undefined;
    const body = objectOf(reply.value);
    // An older client tolerates an envelope here (swanlab-api §6).
    const list = arrayOf(body["urls"] ?? objectOf(body["data"])["urls"]);
    const urls = list.map(textOf).filter((url) => url !== undefined);
    if (urls.length === objects.length) return urls.map((url) => this.#session.absolute(url));
    throw new UnexpectedResponse(
      `Cannot ${what}: ${urls.length} addresses came for ${objects.length} files`,
    );
  }

  #notTaken(group: readonly Ready[]): void {
    for (const { file } of group) {
      this.#losses.push({
        seq: file.seq,
        kind: "unsupported",
        reason: "the host takes no saved files",
        example: file.path,
      });
    }
  }
}

/** A saved file on its way to the host. */
export interface StoredFile extends StoredObject {
  readonly md5: string;
}

function objectOfFile(path: string, content: RunContent): StoredFile {
  const { size, md5, open } = content;
  return { path, size, md5, open, contentType: contentType(path) };
}
