import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeFolder } from "../../../src/files/durable_folder.ts";
import { Catalog, type RunCard } from "./catalog.ts";
import type { Profile } from "./run_details.ts";
import { StoredRun } from "./stored_run.ts";

/** Runs kept open although nobody uses them. */
const mostIdle = 32;

interface OpenRun {
  readonly run: Promise<StoredRun>;
  users: number;
}

/** Everything that the host keeps, below one folder. */
export class Store implements AsyncDisposable {
  readonly catalog: Catalog;
  readonly #folder: string;
  readonly #now: () => number;
  /** By id, those used last at the end. */
  readonly #open = new Map<string, OpenRun>();

  private constructor(folder: string, catalog: Catalog, now: () => number) {
    this.#folder = folder;
    this.catalog = catalog;
    this.#now = now;
  }

  /** Opens the store in a folder, or begins one. `now` gives ms since epoch. */
  static async open(folder: string, now: () => number): Promise<Store> {
    await makeFolder(join(folder, "runs"));
    return new Store(folder, await Catalog.open(join(folder, "catalog.log")), now);
  }

  /**
   * Called when a run has changed that had ended, or that ends now. Until then the catalog does not
   * say of it that the archive has it as it is.
   */
  onChange: (run: string) => void = () => {};

  /** Gives a run to `use` to change it. */
  async change<Result>(
    card: RunCard,
    use: (run: StoredRun) => Promise<Result>,
  ): Promise<Result> {
    if (this.catalog.isSealed(card.id)) await this.catalog.setSealed(card.id, false);
    try {
      return await this.withRun(card, use);
    } finally {
      // It may have ended meanwhile.
      if (this.catalog.run(card.id)?.state !== "RUNNING") this.onChange(card.id);
    }
  }

  /** The profile of a run, without reading its points. */
  async profileOf(card: RunCard): Promise<Profile> {
    if (this.#open.has(card.id)) {
      return await this.withRun(card, ({ details }) => Promise.resolve(details.profile));
    }
    return await StoredRun.readProfile(this.folderOf(card));
  }

  /** Gives a run to `use`, and keeps it open until that is done. */
  async withRun<Result>(
    card: RunCard,
    use: (run: StoredRun) => Promise<Result>,
  ): Promise<Result> {
    const open = this.#take(card);
    try {
      return await use(await open.run);
    } finally {
      open.users--;
      await this.#closeIdle();
    }
  }

  /** The same for something that is written piece by piece. */
  async *streamRun<Piece>(
    card: RunCard,
    use: (run: StoredRun) => AsyncIterable<Piece>,
  ): AsyncGenerator<Piece> {
    const open = this.#take(card);
    try {
      yield* use(await open.run);
    } finally {
      open.users--;
      await this.#closeIdle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { run } of this.#open.values()) await (await run).close();
    await this.catalog.close();
  }

  /** Absolute path of a run's folder, if that of the store is. */
  folderOf(card: RunCard): string {
    return join(this.#folder, "runs", card.folder);
  }

  #take(card: RunCard): OpenRun {
    const open = this.#open.get(card.id) ?? this.#begin(card);
    open.users++;
    // Once more at the end: those at the front are closed first.
    this.#open.delete(card.id);
    this.#open.set(card.id, open);
    return open;
  }

  #begin(card: RunCard): OpenRun {
    const run = StoredRun.open(this.folderOf(card), this.#now());
    const open = { run, users: 0 };
    // What cannot be opened now, as on a full disk, may be later.
    run.catch(() => {
      if (this.#open.get(card.id) === open) this.#open.delete(card.id);
    });
    return open;
  }

  async #closeIdle(): Promise<void> {
    for (const [id, { run, users }] of this.#open) {
      if (this.#open.size <= mostIdle) return;
      if (users > 0) continue;
      this.#open.delete(id);
      await (await run).close();
    }
  }
}

/** The folder of a run: what of its id can stand in a name, and a hash of all of it. */
export function runFolder(id: string): string {
  const plain = id.replace(/[^0-9A-Za-z_-]/g, "_").slice(0, 40);
  return `${plain}-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}
