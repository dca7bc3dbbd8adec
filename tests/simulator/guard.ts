import type { DirectoryNode } from "./model_disk.ts";
import type { DiskChange, ModelMachine } from "./model_machine.ts";
import type { ModelProcess } from "./model_process.ts";
import type { Holdings } from "./holdings.ts";
import type { Hosts } from "./program.ts";
import { openings } from "./journal_edit.ts";
import { stateFolder, trashFolder, trashName } from "./places.ts";
import type { Tracked, Tracker } from "./tracker.ts";

/** A directory as it was when it was moved. */
interface Moved {
  /** Which destinations had to have it. */
  readonly to: readonly (keyof Hosts)[];
  readonly content: string;
  /** Why it must not go, if it must not. */
  readonly objection: string | undefined;
}

/** Watches every change of the disk that a process makes, and notes those that must not be. */
export class Guard {
  /** What must not have been. */
  readonly objections: string[] = [];
  readonly #machine: ModelMachine;
  readonly #tracker: Tracker;
  readonly #holdings: Holdings;
  readonly #destinations = new Map<ModelProcess, readonly (keyof Hosts)[]>();
  readonly #moved = new Map<Tracked, Moved>();

  constructor(machine: ModelMachine, tracker: Tracker, holdings: Holdings) {
    this.#machine = machine;
    this.#tracker = tracker;
    this.#holdings = holdings;
    machine.changing = (change) => this.#change(change);
  }

  /** A process begins that may delete what these destinations have. */
  allow(process: ModelProcess, destinations: readonly (keyof Hosts)[]): void {
    this.#destinations.set(process, destinations);
  }

  /** Where a directory that is gone has to be. */
  heirs(tracked: Tracked): readonly (keyof Hosts)[] {
    return this.#moved.get(tracked)?.to ?? [];
  }

  /** Looks whether everything in the trash may be there. */
  look(): void {
    for (const tracked of this.#tracker.directories) {
      if (this.#isIn(tracked.node, trashFolder)) this.#mustBeProven(tracked, trashFolder);
    }
  }

  #change({ process, name, path, slot, target }: DiskChange): void {
    const folder = slot === undefined ? path : this.#machine.disk.pathOf(slot.directory);
    const real = slot === undefined ? path : `${folder}/${slot.name}`;
    if (real.startsWith(stateFolder)) return;
    if (name === "mkdir" && real === trashFolder) return;
    if (name === "rename") this.#rename(process, slot?.node, real, target ?? "");
    else if (name !== "unlink" && name !== "rmdir") this.objections.push(`${name} of ${real}`);
    else this.#removal(slot?.node?.kind === "directory" ? slot.node : slot?.directory, real);
  }

  #rename(process: ModelProcess, node: unknown, path: string, target: string): void {
    const tracked = this.#tracker.directories.find((each) => each.node === node);
    const isAway = isTrash(target);
    if (!isAway && !isTrash(path)) this.objections.push(`${path} was renamed to ${target}`);
    if (tracked === undefined || !isAway) return;
    const to = this.#destinations.get(process) ?? [];
    const objection = this.#holdings.objection(tracked, to) ?? this.#strange(path, to, process);
    this.#moved.set(tracked, { to, content: tracked.log.content.toString(), objection });
  }

  /** Why the journals of a path do not speak for a process; undefined when they do. */
  #strange(path: string, to: readonly string[], { host }: ModelProcess): string | undefined {
    for (const opened of openings(this.#machine.disk)) {
      if (opened.path !== path || !to.includes(opened.destination) || opened.host === host) {
        continue;
      }
      return `its journal is that of ${opened.host}`;
    }
    return undefined;
  }

  #removal(directory: DirectoryNode | undefined, path: string): void {
    let at = directory;
    while (at !== undefined && !trashName.test(at.name)) at = at.parent;
    const tracked = this.#tracker.directories.find(({ node }) => node === at);
    if (tracked === undefined) this.objections.push(`${path} was removed, which is no moved run`);
    else this.#mustBeProven(tracked, path);
  }

  #mustBeProven(tracked: Tracked, path: string): void {
    const { objection, content } = this.#moved.get(tracked) ?? { objection: "it was never moved" };
    const reason = objection ??
      (content === tracked.log.content.toString() ? undefined : "something was added to it");
    if (reason !== undefined) this.objections.push(`${path} was removed, but ${reason}`);
  }

  #isIn({ parent, name, ...rest }: DirectoryNode, folder: string): boolean {
    if (parent === undefined || parent.entries.get(name)?.inode !== rest.inode) return false;
    return this.#machine.disk.pathOf(parent) === folder;
  }
}

function isTrash(path: string): boolean {
  return path.startsWith(`${trashFolder}/`) ||
    trashName.test(path.slice(path.lastIndexOf("/") + 1));
}
