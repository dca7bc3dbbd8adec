import { join, relative, sep } from "node:path";
import type { Loss, Receipt, Remote, RunFiles, RunWriter, Verdict } from "../../../src/adapter.ts";
import { VerifyError } from "../../../src/errors.ts";
import { fileRefs } from "../../../src/model/file_refs.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import type { Tally } from "../../../src/model/tally.ts";
import { assemble, manifestRoom } from "../../../src/archive/assemble.ts";
import { Containment } from "../../../src/archive/containment.ts";
import { EventSink } from "../../../src/archive/event_sink.ts";
import { contentHash, type Manifest, wholeTally } from "../../../src/archive/manifest.ts";
import { tallyDifferences } from "../../../src/archive/tally_difference.ts";
import { TarBody } from "../../../src/archive/tar_body.ts";
import { discard, publish, type Temporary } from "../../../src/archive/temporary.ts";
import { type TarReport, verifyTar } from "../../../src/archive/verify.ts";
import { FileSink, listFiles } from "./file_sink.ts";
import { isUnchanged, type Shelf, type Shelved } from "./shelf.ts";

/** What a writer needs to know. */
export interface ArchiveWriterOptions {
  readonly run: RunFiles;
  /** Absolute path of the archive. */
  readonly root: string;
  readonly tool: string;
  readonly keepsSource: boolean;
  readonly shelf: Shelf;
  /** Of the tar, without ".tar". */
  readonly name: string;
  /** What the archive has of this run already. */
  readonly older: readonly Shelved[];
  /** State of the source; "" if unknown. */
  readonly stamp: string;
  /** The one of `older` that holds this very state. */
  readonly same?: Shelved;
}

/** The parts of a tar under construction. */
interface Construction {
  readonly body: TarBody;
  readonly events: EventSink;
  readonly files: FileSink;
}

/** An older archive of the run, and whether the new stream contains it. */
interface Older extends Shelved {
  readonly containment: Containment;
}

/** Writes one run as a tar. Nothing has the tar's name before it is whole and on disk. */
export class ArchiveWriter implements RunWriter {
  readonly held: Tally | undefined;
  readonly #options: ArchiveWriterOptions;
  readonly #older: readonly Older[];
  #construction: Construction | undefined;
  /** Where the run is, or will be unless other content has that name. */
  #path: string;
  #through = -1;
  #complete = true;
  #isPlaced = false;

  constructor(options: ArchiveWriterOptions) {
    const { shelf, name, same, older } = options;
    this.#options = options;
    this.#path = (same ?? older[0])?.path ?? join(shelf.folder, `${name}.tar`);
    this.held = same && wholeTally(same.manifest);
    this.#older = older.map((one) => ({
      ...one,
      containment: new Containment(one.manifest),
    }));
  }

  /** The tar's path in the archive; final once `finish` returned. */
  get remote(): Remote {
    const id = relative(this.#options.root, this.#path);
    return { id: id.split(sep).join("/") };
  }

  async write(batch: readonly RunEvent[]): Promise<Receipt> {
    const { events, files } = await this.#begin();
    const losses: Loss[] = [];
    for (const event of batch) {
      for (const { containment } of this.#older) containment.add(event);
      events.add(event);
      for (const ref of fileRefs(event)) {
        losses.push(...await files.store(ref, event.seq));
      }
      this.#through = event.seq;
    }
    await events.settle();
    this.#note(losses);
    return { through: this.#through, present: 0, losses };
  }

  /** An archive has a run as a whole or not at all. */
  flush(): Promise<Receipt> {
    return Promise.resolve({ through: this.#through, present: 0, losses: [] });
  }

  /** The tally of the events is all that is compared. */
  expect(): Promise<void> {
    return Promise.resolve();
  }

  async finish(tally: Tally): Promise<Receipt> {
    const { keepsSource, run, stamp, tool } = this.#options;
    const { body, events, files } = await this.#begin();
    await events.settle(true);
    const losses = keepsSource ? await files.storeSource() : [];
    this.#note(losses);
    const manifest = {
      tool,
      run: run.info,
      stamp,
      keepsSource,
      complete: this.#complete,
      tally,
      files: files.paths,
      entries: body.entries,
    };
    const temporary = await assemble(manifest, body);
    const added = await this.#place(temporary, manifest);
    this.#isPlaced = true;
    await this.#drop();
    return {
      through: this.#through,
      present: added ? 0 : this.#through + 1,
      losses,
    };
  }

  async verify(tally: Tally): Promise<Verdict> {
    const differences = compare(tally, await verifyTar(this.#path));
    if (differences.length === 0) return { assurance: "exact", differences };
    const isAnywhere = this.held === undefined && !this.#isPlaced &&
      await this.#findElsewhere(tally);
    return isAnywhere
      ? { assurance: "exact", differences: [] }
      : { assurance: "none", differences };
  }

  /** Whether another tar of the run holds all of it, as that of a copy may. */
  async #findElsewhere(tally: Tally): Promise<boolean> {
    for (const { path } of this.#older) {
      if (path === this.#path || compare(tally, await verifyTar(path)).length > 0) continue;
      this.#path = path;
      return true;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drop();
  }

  async #begin(): Promise<Construction> {
    if (this.#construction !== undefined) return this.#construction;
    const { run, shelf, keepsSource } = this.#options;
    await shelf.make();
    const listed = keepsSource ? await listFiles(run) : new Map();
    const body = await TarBody.create(shelf.folder, roomFor(listed));
    this.#construction = {
      body,
      events: new EventSink(body, run.info.startedAt ?? 0),
      files: new FileSink(body, run, listed),
    };
    return this.#construction;
  }

  #note(losses: readonly Loss[]): void {
    if (losses.some(({ kind }) => kind !== "unsupported")) this.#complete = false;
  }

  async #drop(): Promise<void> {
    const construction = this.#construction;
    this.#construction = undefined;
    await construction?.body.close();
  }

  /** Gives the tar its name; false when the archive has the same content already. */
  async #place(temporary: Temporary, manifest: Manifest): Promise<boolean> {
    const { shelf, name } = this.#options;
    const content = contentHash(manifest);
    const same = (other: Manifest): boolean => contentHash(other) === content;
    let published = false;
    try {
      const present = this.#older.find(({ manifest }) => same(manifest));
      const older = present ??
        this.#older.find(({ containment }) => containment.proven(manifest));
      if (older === undefined || !await isUnchanged(older)) {
        const { path, added } = await shelf.add(temporary, name, content, same);
        this.#path = path;
        published = added;
      } else {
        this.#path = older.path;
        if (older === present && await isWhole(older.path)) return false;
        await replace(temporary, older.path, wholeTally(manifest));
        published = true;
      }
      return published;
    } finally {
      if (!published) await discard(temporary);
    }
  }
}

/** Whether a tar is still as it was written; one that is not can be replaced by the same content. */
async function isWhole(path: string): Promise<boolean> {
  return (await verifyTar(path)).differences.length === 0;
}

function roomFor(listed: ReadonlyMap<string, SourceEntry>): number {
  let bytes = 0;
  for (const entry of listed.values()) bytes += entry.bytes;
  return manifestRoom(listed.size, bytes);
}

/** Puts a new tar in an older one's place once it is proven to hold what it should. */
async function replace(
  temporary: Temporary,
  path: string,
  tally: Tally,
): Promise<void> {
  const [difference] = compare(tally, await verifyTar(temporary.path));
  if (difference !== undefined) {
    throw new VerifyError(
      `The new archive is not what was delivered: ${difference}`,
      { hint: `The older one, ${path}, is kept; run again.` },
    );
  }
  await publish(temporary, path, true);
}

/** How a tar differs from what was delivered, and from what was written. */
function compare(tally: Tally, report: TarReport): readonly string[] {
  if (report.differences.length > 0) return report.differences;
  const { manifest, tally: held, named } = report;
  if (manifest === undefined || held === undefined) return [];
  if (manifest.keepsSource) return tallyDifferences(tally, held);
  // Without the run directory, only what events name is held.
  const files = Object.fromEntries(
    Object.entries(tally.files).filter(([path]) => named?.has(path)),
  );
  return tallyDifferences({ ...tally, files }, held);
}
