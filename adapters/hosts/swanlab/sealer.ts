import type { RunReader } from "../../../src/adapter.ts";
import type { RunCard } from "./catalog.ts";
import { StoredReader } from "./stored_reader.ts";
import type { Store } from "./store.ts";

/**
 * Puts runs that have ended into the archive, one after the other. Their logs stay, so that they
 * can be read and resumed; one that was changed after it had ended is put there again.
 */
export class Sealer implements AsyncDisposable {
  readonly #store: Store;
  readonly #seal: (run: RunReader) => Promise<void>;
  readonly #report: (error: unknown) => void;
  readonly #waiting = new Set<string>();
  #working: Promise<void> | undefined;

  constructor(
    store: Store,
    seal: (run: RunReader) => Promise<void>,
    report: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#seal = seal;
    this.#report = report;
  }

  /** Lets a run be looked at that may be new to the archive. */
  add(run: string): void {
    this.#waiting.add(run);
    this.#working ??= this.#work();
  }

  /** Lets every run be looked at: those that ended when nobody was there to see to them. */
  addAll(): void {
    const { catalog } = this.#store;
    for (const { id } of catalog.runs) if (!catalog.isSealed(id)) this.add(id);
  }

  /** Resolves when nothing is left to do. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (const id of this.#waiting) {
      this.#waiting.delete(id);
      const { catalog } = this.#store;
      const card = catalog.run(id);
      if (card === undefined || card.state === "RUNNING" || catalog.isSealed(id)) continue;
      try {
        await this.#one(card);
      } catch (error) {
        // The run is whole where it is; the next start tries again.
        this.#report(error);
      }
    }
    this.#working = undefined;
  }

  async #one(card: RunCard): Promise<void> {
    const { catalog } = this.#store;
    const project = catalog.projectById(card.project);
    if (project === undefined) return;
    await this.#store.withRun(card, async (run) => {
      const series = catalog.seriesOf(card.project);
      const folder = this.#store.folderOf(card);
      const reader = new StoredReader({ project, card, folder, run, series });
      const stamp = await reader.stamp();
      await this.#seal(reader);
      await catalog.setSealed(card.id, true);
      // What came while it was sealed, or remembered as sealed, is not in the archive.
      if (catalog.run(card.id) === card && await reader.stamp() === stamp) return;
      await catalog.setSealed(card.id, false);
      this.#waiting.add(card.id);
    });
  }
}
