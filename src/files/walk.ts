import { Buffer } from "node:buffer";
import type { Dirent } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { SourceError, systemCode } from "../errors.ts";
import { fileError } from "./byte_source.ts";

/** One name in a directory; a link counts as what it points to. */
export interface WalkedEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
}

/** A directory or file that a walk came to. */
export interface WalkedPlace {
  /** Absolute and free of links. */
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Sorted by name; empty for a file. */
  readonly entries: readonly WalkedEntry[];
  /** Why the directory, or a name in it, cannot be read; `entries` then has what can. */
  readonly problem?: SourceError;
  /** Whether to go on below this directory; a consumer sets it to false before it asks for the next place. */
  deeper: boolean;
}

/**
 * Walks a tree depth-first in order of name, or yields the one file that `root` is. Links to
 * directories outside the tree are followed, unless the tree lies in there; every real directory is
 * visited once, so that loops end. Directories that cannot be read are yielded with a problem. Ends early when `signal` is
 * aborted.
 * @throws {SourceError} when `root` itself is missing, or neither file nor directory.
 */
export async function* walk(
  root: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<WalkedPlace, void, undefined> {
  const top = await realRoot(root);
  const visited = new Set<string>();
  const waiting = [top];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (options.signal?.aborted) return;
    const found = await visit(path, top, visited);
    if (found === undefined) continue;
    yield found.place;
    if (found.place.deeper) waiting.push(...found.below.reverse());
  }
}

async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (error) {
    throw fileError(root, error);
  }
}

interface Visit {
  readonly place: WalkedPlace;
  /** The directories to go to from here, in order. */
  readonly below: string[];
}

/** Reads one place; undefined when it was visited before, or is gone or no place at all. */
async function visit(
  path: string,
  top: string,
  visited: Set<string>,
): Promise<Visit | undefined> {
  const problems: SourceError[] = [];
  const place = await identify(path, top, problems);
  if (place === undefined || visited.has(place.identity)) return undefined;
  visited.add(place.identity);
  const entries: WalkedEntry[] = [];
  const below: string[] = [];
  if (place.kind === "directory" && problems.length === 0) {
    for (const dirent of await list(path, problems)) {
      const entry = await resolve(path, dirent, top);
      entries.push({ name: dirent.name, kind: entry.kind });
      if (entry.goTo !== undefined) below.push(entry.goTo);
    }
  }
  const [problem] = problems;
  return {
    place: {
      path,
      kind: place.kind,
      entries,
      ...(problem === undefined ? {} : { problem }),
      deeper: true,
    },
    below,
  };
}

async function identify(
  path: string,
  top: string,
  problems: SourceError[],
): Promise<{ identity: string; kind: "file" | "directory" } | undefined> {
  try {
    const status = await stat(path, { bigint: true });
    const identity = `${status.dev}:${status.ino}`;
    if (status.isDirectory()) return { identity, kind: "directory" };
    if (status.isFile()) return { identity, kind: "file" };
  } catch (error) {
    const problem = fileError(path, error);
    if (path === top) throw problem;
    problems.push(problem);
    return { identity: path, kind: "directory" };
  }
  if (path !== top) return undefined;
  throw new SourceError(
    `Cannot read ${path}: it is neither a file nor a directory`,
    { hint: "Name a run directory, or a directory that holds some." },
  );
}

/** The names of a directory in order; what cannot be read becomes a problem. */
async function list(
  path: string,
  problems: SourceError[],
): Promise<readonly Dirent[]> {
  let dirents: Dirent[];
  try {
    dirents = await readdir(path, { withFileTypes: true });
    if (dirents.some(({ name }) => name.includes("\ufffd"))) {
      const unreadable = await undecodable(path);
      if (unreadable.size > 0) {
        const [first] = unreadable;
        problems.push(badName(path, first ?? ""));
        dirents = dirents.filter(({ name }) => !unreadable.has(name));
      }
    }
  } catch (error) {
    problems.push(fileError(path, error));
    return [];
  }
  return dirents.sort((left, right) => left.name < right.name ? -1 : 1);
}

/** The names of a directory that are not valid UTF-8, as they are decoded. */
async function undecodable(path: string): Promise<Set<string>> {
  const names = await readdir(path, { encoding: "buffer" });
  return new Set(
    names.filter((name) => !Buffer.from(name.toString()).equals(name))
      .map((name) => name.toString()),
  );
}

function badName(directory: string, name: string): SourceError {
  return new SourceError(
    `Cannot read ${JSON.stringify(name)} in ${directory}: its name is not valid UTF-8`,
    { hint: "Rename it." },
  );
}

interface Resolved {
  readonly kind: WalkedEntry["kind"];
  /** The directory to visit for it. */
  readonly goTo?: string;
}

/** What an entry is, links resolved. */
async function resolve(
  directory: string,
  dirent: Dirent,
  top: string,
): Promise<Resolved> {
  const path = join(directory, dirent.name);
  if (dirent.isFile()) return { kind: "file" };
  if (dirent.isDirectory()) return { kind: "directory", goTo: path };
  if (isSpecial(dirent)) return { kind: "other" };
  try {
    // Some file systems do not tell the kind with the name.
    const isLink = dirent.isSymbolicLink() ||
      (await lstat(path)).isSymbolicLink();
    const status = await stat(path);
    if (status.isFile()) return { kind: "file" };
    if (!status.isDirectory()) return { kind: "other" };
    if (!isLink) return { kind: "directory", goTo: path };
    const target = await realpath(path);
    // What lies inside the tree is visited at its own place; what the tree lies in is no part of it.
    const elsewhere = !isInside(target, top) && !isInside(top, target);
    return elsewhere ? { kind: "directory", goTo: target } : { kind: "directory" };
  } catch (error) {
    // A link that leads nowhere, or a name that vanished meanwhile.
    if (systemCode(error) === undefined) throw error;
    return { kind: "other" };
  }
}

function isSpecial(dirent: Dirent): boolean {
  return dirent.isFIFO() || dirent.isSocket() || dirent.isCharacterDevice() ||
    dirent.isBlockDevice();
}

/** Whether an absolute path is `top` or below it. */
export function isInside(path: string, top: string): boolean {
  if (path === top || top === sep) return true;
  return path.startsWith(top + sep);
}
