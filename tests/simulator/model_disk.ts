import { Buffer } from "node:buffer";
import { systemError } from "./system_error.ts";

/** What a name of the model file system stands for. */
export type Node = FileNode | DirectoryNode | LinkNode;

interface NodeBase {
  readonly inode: number;
  /** ms since epoch. */
  modified: number;
}

export interface FileNode extends NodeBase {
  readonly kind: "file";
  content: Buffer;
  /** What a power cut leaves of it. */
  synced: Buffer;
}

export interface DirectoryNode extends NodeBase {
  readonly kind: "directory";
  readonly entries: Map<string, Node>;
  /** Where it is; undefined for the root. */
  parent: DirectoryNode | undefined;
  name: string;
}

interface LinkNode extends NodeBase {
  readonly kind: "link";
  readonly target: string;
}

/** A name in a directory, whether anything has it or not. */
export interface Slot {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: Node | undefined;
}

/** A change of names that is not safe yet. */
interface Change {
  /** The folders that have to be synced for it. */
  readonly folders: Set<DirectoryNode>;
  /** What the names stood for before. */
  readonly before: readonly Slot[];
}

const mostLinks = 8;

/**
 * A file system in memory, as strict as POSIX lets one be: to sync a file saves its content and not
 * its name, and a name is safe once its folder is synced. Errors are those of node:fs.
 */
export class ModelDisk {
  readonly root: DirectoryNode;
  readonly #now: () => number;
  readonly #unsynced = new Set<FileNode>();
  #changes: Change[] = [];
  #inodes = 0;

  /** `now` in ms since epoch. */
  constructor(now: () => number) {
    this.#now = now;
    this.root = this.#directory();
  }

  /** The name that a path leads to, beginning at the root, or at a directory that is held open. */
  slot(path: string, follow: boolean, from: DirectoryNode = this.root): Slot {
    return this.#walk(path, { follow, from, links: 0 });
  }

  /** What a path leads to. */
  node(path: string, follow: boolean, from?: DirectoryNode): Node {
    const { node } = this.slot(path, follow, from);
    if (node === undefined) throw systemError("ENOENT", path);
    return node;
  }

  /** Absolute path of a directory, free of links; "" for the root. */
  pathOf({ parent, name }: DirectoryNode): string {
    return parent === undefined ? "" : `${this.pathOf(parent)}/${name}`;
  }

  /** The path free of links of something that is there. */
  realPath(path: string): string {
    const { directory, name, node } = this.slot(path, true);
    if (node === undefined) throw systemError("ENOENT", path);
    return node === this.root ? "/" : `${this.pathOf(directory)}/${name}`;
  }

  create(slot: Slot): FileNode {
    const [content, synced] = [Buffer.alloc(0), Buffer.alloc(0)];
    const node = { kind: "file", ...this.#base(), content, synced } as const;
    this.put(slot, node);
    return node;
  }

  makeDirectory(slot: Slot): DirectoryNode {
    const node = this.#directory();
    this.put(slot, node);
    return node;
  }

  makeLink(slot: Slot, target: string): void {
    this.put(slot, { kind: "link", ...this.#base(), target });
  }

  /** Gives something a name, or with undefined takes the name away. */
  put(slot: Slot, node: Node | undefined): void {
    this.#change([{ ...slot, node }]);
  }

  rename(from: Slot, to: Slot): void {
    this.#change([{ ...from, node: undefined }, { ...to, node: from.node }]);
  }

  write(file: FileNode, content: Buffer): void {
    file.content = content;
    file.modified = this.#now();
    this.#unsynced.add(file);
  }

  sync(node: Node): void {
    if (node.kind === "file") {
      node.synced = node.content;
      this.#unsynced.delete(node);
    } else if (node.kind === "directory") {
      this.#changes = this.#changes.filter(({ folders }) => {
        folders.delete(node);
        return folders.size > 0;
      });
    }
  }

  /** Makes everything safe, as time does. */
  syncAll(): void {
    for (const file of this.#unsynced) file.synced = file.content;
    this.#unsynced.clear();
    this.#changes = [];
  }

  /** Leaves what a power cut would: of the unsafe changes of names the first share, 0 to 1. */
  powerCut(share: number): void {
    for (const file of this.#unsynced) file.content = file.synced;
    this.#unsynced.clear();
    const lost = this.#changes.splice(Math.round(this.#changes.length * share));
    for (const { before } of lost.reverse()) {
      for (const slot of before) this.#set(slot);
    }
    this.#changes = [];
  }

  #walk(
    path: string,
    at: { readonly follow: boolean; readonly from: DirectoryNode; readonly links: number },
  ): Slot {
    const { follow, links } = at;
    if (links > mostLinks) throw systemError("ELOOP", path);
    const names = path.split("/");
    let slot: Slot = { directory: at.from, name: "", node: at.from };
    let left = names.length;
    for (const name of names) {
      left--;
      if (name === "" || name === ".") continue;
      if (slot.node === undefined) throw systemError("ENOENT", path);
      if (slot.node.kind !== "directory") throw systemError("ENOTDIR", path);
      const directory: DirectoryNode = slot.node;
      slot = { directory, name, node: directory.entries.get(name) };
      if (slot.node?.kind !== "link" || left === 0 && !follow) continue;
      const from = slot.node.target.startsWith("/") ? this.root : directory;
      slot = this.#walk(slot.node.target, { follow: true, from, links: links + 1 });
    }
    return slot;
  }

  #change(slots: readonly Slot[]): void {
    const folders = new Set(slots.map(({ directory }) => directory));
    const before = slots.map(({ directory, name }) => ({
      directory,
      name,
      node: directory.entries.get(name),
    }));
    for (const slot of slots) this.#set(slot);
    for (const directory of folders) directory.modified = this.#now();
    this.#changes.push({ folders, before: before.reverse() });
  }

  #set({ directory, name, node }: Slot): void {
    if (node === undefined) directory.entries.delete(name);
    else directory.entries.set(name, node);
    if (node?.kind !== "directory") return;
    node.parent = directory;
    node.name = name;
  }

  #base(): NodeBase {
    return { inode: ++this.#inodes, modified: this.#now() };
  }

  #directory(): DirectoryNode {
    return { kind: "directory", ...this.#base(), entries: new Map(), parent: undefined, name: "" };
  }
}
