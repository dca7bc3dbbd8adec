import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Dice } from "../generate/dice.ts";

/** What a power cut leaves of what nobody synced. */
export interface Leaving {
  /** How likely each change of names is to have reached the disk, whatever the others: 0 to 1. */
  readonly names: number;
  /** Whether a file that grew keeps its new size, filled with zeros. */
  readonly zeros: boolean;
}

/** A change of names that is not on disk yet. */
interface Change {
  /** The folders that have to be synced for it. */
  readonly folders: Set<string>;
  undo(): void;
  /** The directory that is gone with it. */
  readonly removed?: string;
}

/** The content of a file as it was synced last. */
interface Unsynced {
  readonly descriptor: number;
  readonly synced: Buffer;
}

/**
 * Makes changes of a file system at once and remembers how to take back what was not synced. As
 * strict as POSIX lets a file system be: to sync a file saves its content and not its name, and a
 * name is safe once its folder is synced.
 */
export class PowerCut {
  /** A folder of the same file system for what would be gone. */
  readonly #limbo: string;
  readonly #contents = new Map<string, Unsynced>();
  #changes: Change[] = [];

  constructor(limbo: string) {
    this.#limbo = limbo;
  }

  /** A file was made at a path. */
  created(path: string): void {
    const at = realOf(path);
    this.#note([dirname(at)], () => rmSync(at, { force: true }));
    this.#contents.set(idOf(at), { descriptor: openSync(at, "r+"), synced: Buffer.alloc(0) });
  }

  /** The content behind a descriptor is about to change. */
  changing(descriptor: number): void {
    const inode = inodeOf(descriptor);
    if (this.#contents.has(inode)) return;
    const own = openSync(`/proc/self/fd/${descriptor}`, "r+");
    this.#contents.set(inode, { descriptor: own, synced: contentOf(own) });
  }

  /** What is behind a descriptor, a file or a folder, was synced. */
  synced(descriptor: number): void {
    const inode = inodeOf(descriptor);
    const content = this.#contents.get(inode);
    this.#contents.delete(inode);
    if (content !== undefined) closeSync(content.descriptor);
    if (fstatSync(descriptor).isDirectory()) this.#commit(inode);
  }

  link(existing: string, path: string): void {
    linkSync(existing, path);
    const at = realOf(path);
    this.#note([dirname(at)], () => rmSync(at, { force: true }));
  }

  unlink(path: string): void {
    const at = realOf(path);
    const saved = this.#save(at);
    unlinkSync(at);
    this.#note([dirname(at)], () => moveBack(saved, at));
  }

  rename(path: string, target: string): void {
    const [from, to] = [realOf(path), realOf(target)];
    const replaced = lstatSync(to, { throwIfNoEntry: false }) === undefined
      ? undefined
      : this.#save(to);
    renameSync(from, to);
    this.#note([dirname(from), dirname(to)], () => {
      moveBack(to, from);
      if (replaced !== undefined) moveBack(replaced, to);
    });
  }

  /** Makes a folder and those above it, and returns the first that was made. */
  mkdir(path: string, mode: number | undefined): string | undefined {
    const made: string[] = [];
    for (let at = path; !existsSync(at); at = dirname(at)) made.push(at);
    mkdirSync(path, { recursive: true, ...(mode === undefined ? {} : { mode }) });
    for (const folder of made.toReversed()) {
      this.#note([dirname(folder)], () => rmSync(folder, { recursive: true, force: true }));
    }
    return made.at(-1);
  }

  rmdir(path: string): void {
    const at = realOf(path);
    if (readdirSync(at).length > 0) rmdirSync(at);
    const removed = idOf(at);
    const saved = join(this.#limbo, randomUUID());
    // It keeps its number, by which it is recognised when it is back.
    renameSync(at, saved);
    this.#note([dirname(at)], () => moveBack(saved, at), removed);
  }

  /** Leaves what a power cut would leave; the same for the same seed. */
  happen({ names, zeros }: Leaving, seed: number): void {
    for (const { descriptor, synced } of this.#contents.values()) {
      const { size } = fstatSync(descriptor);
      ftruncateSync(descriptor, 0);
      writeSync(descriptor, synced, 0, synced.length, 0);
      if (zeros && size > synced.length) ftruncateSync(descriptor, size);
    }
    const dice = new Dice(seed);
    const undone = this.#changes.filter(() => dice.fraction() >= names);
    for (const { undo } of undone.reverse()) undo();
  }

  #note(folders: readonly string[], undo: () => void, removed?: string): void {
    const ids = new Set(folders.map(idOf));
    this.#changes.push({ folders: ids, undo, ...(removed === undefined ? {} : { removed }) });
  }

  #save(path: string): string {
    const saved = join(this.#limbo, randomUUID());
    linkSync(path, saved);
    return saved;
  }

  #commit(folder: string): void {
    const gone: string[] = [];
    this.#changes = this.#changes.filter(({ folders, removed }) => {
      folders.delete(folder);
      if (folders.size === 0 && removed !== undefined) gone.push(removed);
      return folders.size > 0;
    });
    // What happened in a folder that is gone for good is of no importance any more.
    for (const removed of gone) this.#commit(removed);
  }
}

/** Gives something its name back, unless what was done since and is not undone is in the way. */
function moveBack(from: string, to: string): void {
  if (existsSync(from) && existsSync(dirname(to)) && !existsSync(to)) renameSync(from, to);
}

/** A path whose folder is free of links, and of what is only true in this process. */
function realOf(path: string): string {
  return join(realpathSync(dirname(path)), basename(path));
}

function idOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev} ${ino}`;
}

function inodeOf(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return `${dev} ${ino}`;
}

function contentOf(descriptor: number): Buffer {
  const content = Buffer.alloc(fstatSync(descriptor).size);
  readSync(descriptor, content, 0, content.length, 0);
  return content;
}
