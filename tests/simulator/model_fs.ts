/** Stands in for node:fs, node:fs/promises and node:os in one process of a model machine. */
import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import { dirname } from "node:path";
import type { DirectoryNode, FileNode, Node, Slot } from "./model_disk.ts";
import { ModelHandle } from "./model_handle.ts";
import type { ModelProcess } from "./model_process.ts";
import { ModelStatus } from "./model_status.ts";
import type { OpenFile } from "./open_file.ts";
import { systemError } from "./system_error.ts";

type Path = string | Buffer;

let current: ModelProcess | undefined;

/** From now on, this copy of the program is that process. */
export function become(process: ModelProcess): void {
  current = process;
}

/** The process that this copy of the program is. */
export function self(): ModelProcess {
  if (current === undefined) throw new Error("No process runs this program");
  return current;
}

function hostname(): string {
  return self().host;
}

/** Makes one system call. */
function call<Result>(
  name: string,
  path: Path,
  act: (process: ModelProcess, path: string) => Result,
): Promise<Result> {
  const process = self();
  const subject = path.toString();
  return process.step({ name, subject, act: () => act(process, subject) });
}

const isMadeUp = (path: string): boolean => /^\/(proc|etc)(\/|$)/.test(path);

/** The name that a path leads to; it may lead through a directory that is held open. */
function slotAt({ machine: { disk }, files }: ModelProcess, path: string, follow: boolean): Slot {
  const [, descriptor, rest = ""] = /^\/proc\/self\/fd\/(\d+)(.*)$/s.exec(path) ?? [];
  if (descriptor === undefined) return disk.slot(path, follow);
  const node = files.get(Number(descriptor))?.node;
  if (node?.kind !== "directory") throw systemError("ENOENT", path);
  return disk.slot(rest, follow, node);
}

function nodeAt(process: ModelProcess, path: string, follow: boolean): Node {
  const { node } = slotAt(process, path, follow);
  if (node === undefined) throw systemError("ENOENT", path);
  return node;
}

function directoryAt(process: ModelProcess, path: string): DirectoryNode {
  const node = nodeAt(process, path, true);
  if (node.kind !== "directory") throw systemError("ENOTDIR", path);
  return node;
}

function status(node: Node, options?: { readonly bigint?: boolean }): ModelStatus {
  return new ModelStatus(node, options?.bigint ?? false);
}

function lstat(path: Path, options?: { readonly bigint?: boolean }): Promise<ModelStatus> {
  return call("lstat", path, (process, at) => status(nodeAt(process, at, false), options));
}

function stat(path: Path, options?: { readonly bigint?: boolean }): Promise<ModelStatus> {
  return call("stat", path, (process, at) => status(nodeAt(process, at, true), options));
}

/** Not a step: nothing can happen before a call that does not wait. */
function statSync(path: string): ModelStatus {
  return status(nodeAt(self(), path, true));
}

function access(path: Path): Promise<void> {
  return call("access", path, (process, at) => void nodeAt(process, at, true));
}

function realpath(path: string): Promise<string> {
  return call("realpath", path, ({ machine: { disk } }, at) => disk.realPath(at));
}

function readlink(path: string): Promise<string> {
  return call("readlink", path, (process, at) => {
    if (isMadeUp(at)) return process.machine.linked(at, process);
    const node = nodeAt(process, at, false);
    if (node.kind !== "link") throw systemError("EINVAL", at);
    return node.target;
  });
}

function readFile(path: string): Promise<string> {
  return call("readFile", path, (process, at) => {
    if (isMadeUp(at)) return process.machine.told(at, process);
    const node = nodeAt(process, at, true);
    if (node.kind !== "file") throw systemError("EISDIR", at);
    return node.content.toString();
  });
}

interface ListOptions {
  readonly withFileTypes?: boolean;
  readonly encoding?: "buffer";
}

/** Names, as text or bytes, or entries of which each has a name. */
function readdir(path: Path, options: ListOptions = {}): Promise<readonly unknown[]> {
  return call("readdir", path, (process, at) => {
    const isHeld = at.startsWith("/proc/self/fd/");
    if (isMadeUp(at) && !isHeld) return process.machine.listed(at, process);
    const { entries } = directoryAt(process, at);
    if (options.withFileTypes) {
      return [...entries].map(([name, node]) => Object.assign(status(node), { name }));
    }
    const names = [...entries.keys()];
    return options.encoding === "buffer" ? names.map((name) => Buffer.from(name)) : names;
  });
}

function mkdir(path: string): Promise<string | undefined> {
  return call("mkdir", path, (process, at) => makeDirectory(process, at));
}

/** Makes a directory and those above it, and returns the first that was made. */
function makeDirectory(process: ModelProcess, path: string): string | undefined {
  const { node } = path === "/" ? { node: process.machine.disk.root } : trySlot(process, path);
  if (node?.kind === "directory") return undefined;
  if (node !== undefined) throw systemError("EEXIST", path);
  const first = makeDirectory(process, dirname(path));
  process.machine.changing({ process, name: "mkdir", path });
  process.machine.disk.makeDirectory(slotAt(process, path, true));
  return first ?? path;
}

function trySlot(process: ModelProcess, path: string): { readonly node: Node | undefined } {
  try {
    return slotAt(process, path, true);
  } catch {
    return { node: undefined };
  }
}

function link(existing: string, path: string): Promise<void> {
  return call("link", path, (process, at) => {
    const { disk } = process.machine;
    const slot = slotAt(process, at, false);
    if (slot.node !== undefined) throw systemError("EEXIST", at);
    process.machine.changing({ process, name: "link", path: at });
    disk.put(slot, nodeAt(process, existing, false));
  });
}

function unlink(path: Path): Promise<void> {
  return call("unlink", path, (process, at) => {
    const slot = slotAt(process, at, false);
    if (slot.node === undefined) throw systemError("ENOENT", at);
    if (slot.node.kind === "directory") throw systemError("EISDIR", at);
    process.machine.changing({ process, name: "unlink", path: at, slot });
    process.machine.disk.put(slot, undefined);
  });
}

function rmdir(path: Path): Promise<void> {
  return call("rmdir", path, (process, at) => {
    const slot = slotAt(process, at, false);
    if (slot.node?.kind !== "directory") throw systemError("ENOTDIR", at);
    if (slot.node.entries.size > 0) throw systemError("ENOTEMPTY", at);
    process.machine.changing({ process, name: "rmdir", path: at, slot });
    process.machine.disk.put(slot, undefined);
  });
}

function rename(path: string, target: string): Promise<void> {
  return call("rename", path, (process, at) => {
    const from = slotAt(process, at, false);
    const to = slotAt(process, target, false);
    if (from.node === undefined) throw systemError("ENOENT", at);
    if (to.node?.kind === "directory" && to.node.entries.size > 0) {
      throw systemError("ENOTEMPTY", target);
    }
    process.machine.changing({ process, name: "rename", path: at, slot: from, target });
    process.machine.disk.rename(from, to);
  });
}

function open(path: Path, flags: string | number = "r"): Promise<ModelHandle> {
  const isNew = typeof flags === "string" && flags !== "r";
  return call(isNew ? "create" : "open", path, (process, at) => {
    const file: OpenFile = {
      node: openNode(process, at, flags),
      path: at,
      position: 0,
      mode: modeOf(flags),
    };
    return new ModelHandle(process, file);
  });
}

function modeOf(flags: string | number): OpenFile["mode"] {
  if (flags === "a") return "append";
  return typeof flags === "string" && flags !== "r" ? "write" : "read";
}

function openNode(process: ModelProcess, path: string, flags: string | number): Node {
  const isNumber = typeof flags === "number";
  const follow = !isNumber || (flags & constants.O_NOFOLLOW) === 0;
  const slot = slotAt(process, path, follow);
  if (isNumber || flags === "r") return plainNode(slot.node, path, isNumber ? flags : 0);
  if (flags === "wx" && slot.node !== undefined) throw systemError("EEXIST", path);
  process.machine.changing({ process, name: "create", path });
  if (slot.node === undefined) return process.machine.disk.create(slot);
  if (slot.node.kind !== "file") throw systemError("EISDIR", path);
  return emptied(process, slot.node, flags);
}

function plainNode(node: Node | undefined, path: string, flags: number): Node {
  if (node === undefined) throw systemError("ENOENT", path);
  if (node.kind === "link") throw systemError("ELOOP", path);
  if (flags & constants.O_DIRECTORY && node.kind !== "directory") {
    throw systemError("ENOTDIR", path);
  }
  return node;
}

function emptied({ machine: { disk } }: ModelProcess, file: FileNode, flags: string): FileNode {
  if (flags === "w") disk.write(file, Buffer.alloc(0));
  return file;
}

/** No path of the model is a pattern. */
async function* glob(): AsyncGenerator<string> {}

// What programs import of the modules that this one stands in for.
export {
  access,
  constants,
  glob,
  hostname,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  statSync,
  unlink,
};
