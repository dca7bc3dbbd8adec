import type { Outcome } from "../../src/sync/outcome.ts";
import type { Guard } from "./guard.ts";
import type { Holdings } from "./holdings.ts";
import { parseLog, type Row, rowsOf } from "./model_log.ts";
import type { ModelDisk } from "./model_disk.ts";
import { runsFolder, trashFolder, trashName } from "./places.ts";
import type { Job } from "./processes.ts";
import type { Hosts } from "./program.ts";
import type { Tracked, Tracker } from "./tracker.ts";
import { Violation } from "./violation.ts";

/** A run directory as it was when a program began. */
interface Before {
  readonly tracked: Tracked;
  readonly rows: readonly Row[];
}

/** What must hold whatever happens. */
export class Promises {
  readonly #disk: ModelDisk;
  readonly #tracker: Tracker;
  readonly #holdings: Holdings;
  readonly #guard: Guard;
  /** By program, what was at each path. */
  readonly #before = new Map<Job, ReadonlyMap<string, Before>>();

  constructor(disk: ModelDisk, tracker: Tracker, holdings: Holdings, guard: Guard) {
    this.#disk = disk;
    this.#tracker = tracker;
    this.#holdings = holdings;
    this.#guard = guard;
  }

  /** A program begins, and may make promises about what is there now. */
  begun(job: Job): void {
    const there = this.#tracker.directories.filter((each) => this.#tracker.isThere(each));
    const before = there.map((tracked) =>
      [this.#disk.pathOf(tracked.node), { tracked, rows: rowsIn(tracked) }] as const
    );
    this.#before.set(job, new Map(before));
  }

  /** @throws {Violation} when something was doubled, deleted without proof, or promised in vain. */
  look(ids: readonly string[]): void {
    this.#heed();
    for (const id of ids) {
      const doubled = this.#holdings.doubled(id);
      if (doubled.length > 0) throw new Violation(`Run ${id} has doubled steps: ${doubled}`);
    }
    for (const [job, before] of this.#before) {
      if (job.report === undefined) continue;
      this.#before.delete(job);
      const { outcomes, cleaned, failure } = job.report;
      for (const error of [failure, ...[...outcomes, ...cleaned].map(({ error }) => error)]) {
        if (error?.code === "internal") throw new Violation(error.message);
      }
      for (const outcome of outcomes) this.#judge(outcome, job, before.get(outcome.path));
    }
  }

  /** Whether a directory is on its way, and may be put back. */
  get hasMoved(): boolean {
    return this.#tracker.directories.some((tracked) =>
      this.#isUnder(tracked, trashFolder) ||
      this.#isUnder(tracked, runsFolder) && trashName.test(tracked.node.name)
    );
  }

  /** Whether there is nothing that will go, or be put back, with the next cleaning. */
  isAtRest(isEdited: boolean): boolean {
    return this.#remaining(isEdited) === undefined;
  }

  /** @throws {Violation} when something is not where it belongs after undisturbed cleanings. */
  rest(isEdited: boolean): void {
    // Until then what was moved as a program died may still be put back.
    if (!isEdited) this.#guard.look();
    this.#heed();
    const remaining = this.#remaining(isEdited);
    if (remaining !== undefined) throw new Violation(`${remaining} stays for ever`);
    for (const tracked of this.#tracker.directories) {
      const isMoved = trashName.test(tracked.node.name);
      if (isEdited && (isMoved || isGutted(tracked)) && this.#tracker.isThere(tracked)) continue;
      const isThere = this.#isUnder(tracked, runsFolder) && !isMoved;
      const all = isThere ? ["service", "keeper"] as const : this.#guard.heirs(tracked);
      for (const name of all) this.#mustHave(name, tracked, rowsIn(tracked), "in the end");
    }
  }

  #heed(): void {
    const [objection] = this.#guard.objections;
    if (objection !== undefined) throw new Violation(objection);
  }

  /** A directory that has to go, or has to be put back. */
  #remaining(isEdited: boolean): string | undefined {
    for (const tracked of this.#tracker.directories) {
      if (!this.#isUnder(tracked, runsFolder)) continue;
      const isMoved = trashName.test(tracked.node.name);
      // Nobody knows any more that it was to go.
      if (isEdited && (isMoved || isGutted(tracked))) continue;
      const lines = parseLog(tracked.log.content.toString());
      const isWhole = lines.at(-1)?.type === "finish" && !lines.includes(undefined);
      if (isMoved || isWhole) return this.#disk.pathOf(tracked.node);
    }
    return undefined;
  }

  #judge(outcome: Outcome, { orders }: Job, before: Before | undefined): void {
    const { destination, status, error, assurance, events, sent, present } = outcome;
    const isProven = assurance === "counted" || assurance === "exact";
    if (error !== undefined || !isProven || before === undefined) return;
    const name = destination === "service" ? "service" : "keeper";
    this.#mustHave(name, before.tracked, before.rows, `after "${status}"`);
    const count = Object.values(events).reduce((sum, each) => sum + each, 0);
    if (orders.command === "sync" && status === "done" && sent + present !== count) {
      throw new Violation(`${count} events, but ${sent} sent and ${present} present`);
    }
  }

  #mustHave(name: keyof Hosts, tracked: Tracked, rows: readonly Row[], when: string): void {
    const missing = this.#holdings.missing(name, tracked, rows);
    if (missing.length === 0) return;
    const { id, node } = tracked;
    throw new Violation(
      `${name} lacks ${JSON.stringify(missing)} of ${id} (${this.#disk.pathOf(node)}) ${when}`,
    );
  }

  #isUnder(tracked: Tracked, folder: string): boolean {
    return this.#tracker.isThere(tracked) && this.#disk.pathOf(tracked.node).startsWith(folder);
  }
}

function rowsIn({ log }: Tracked): readonly Row[] {
  return rowsOf(log.content.toString());
}

/** Whether its log is gone from it: who edits a journal may have a half deleted run put back. */
function isGutted({ node, log }: Tracked): boolean {
  return ![...node.entries.values()].includes(log);
}
