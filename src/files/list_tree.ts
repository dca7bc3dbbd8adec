import { Buffer } from "node:buffer";
import type { BigIntStats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SourceError, systemCode } from "../errors.ts";
import type { SourceEntry } from "../model/file.ts";
import { fileError } from "./byte_source.ts";

/** An entry, and its modification time in ns since epoch. */
export interface TreeEntry {
  readonly entry: SourceEntry;
  readonly modified: bigint;
}

/**
 * Everything below a directory in byte order of the paths, or just the file `only` in it; links are
 * not followed. What vanishes meanwhile is left out.
 * @throws {SourceError} after everything readable: the first directory or name that could not be read.
 */
export async function* listTree(
  directory: string,
  only?: string,
): AsyncGenerator<TreeEntry, void, undefined> {
  const problems: SourceError[] = [];
  if (only !== undefined) {
    const entry = await treeEntry(directory, only, problems);
    if (entry !== undefined) yield entry;
  } else yield* listDirectory(directory, "", problems);
  const [problem] = problems;
  if (problem !== undefined) throw problem;
}

async function* listDirectory(
  root: string,
  directory: string,
  problems: SourceError[],
): AsyncGenerator<TreeEntry, void, undefined> {
  // A directory's content sorts as if its name ended in "/", behind "name-" and before "name0".
  const waiting = (await names(root, directory, problems)).reverse();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path.endsWith("/")) {
      yield* listDirectory(root, path, problems);
      continue;
    }
    const found = await treeEntry(root, path, problems);
    if (found === undefined) continue;
    yield found;
    if (found.entry.kind === "directory") insert(waiting, path + "/");
  }
}

/** Inserts a path into paths that are sorted backwards. */
function insert(waiting: string[], path: string): void {
  let at = waiting.length;
  while (at > 0 && compare(waiting[at - 1] ?? "", path) < 0) at--;
  waiting.splice(at, 0, path);
}

/** The paths of what a directory holds, sorted; `directory` is "" or ends in "/". */
async function names(
  root: string,
  directory: string,
  problems: SourceError[],
): Promise<string[]> {
  let found: Buffer[];
  try {
    found = await readdir(resolve(root, directory), { encoding: "buffer" });
  } catch (error) {
    if (directory === "" || systemCode(error) !== "ENOENT") {
      problems.push(fileError(resolve(root, directory), error));
    }
    return [];
  }
  const paths: string[] = [];
  for (const name of found.sort(Buffer.compare)) {
    const text = name.toString();
    if (Buffer.from(text).equals(name)) paths.push(directory + text);
    else problems.push(badName(resolve(root, directory), text));
  }
  return paths;
}

function badName(directory: string, name: string): SourceError {
  return new SourceError(
    `Cannot read ${JSON.stringify(name)} in ${directory}: its name is not valid UTF-8`,
    { hint: "Rename it." },
  );
}

function compare(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

async function treeEntry(
  root: string,
  path: string,
  problems: SourceError[],
): Promise<TreeEntry | undefined> {
  const full = join(root, path);
  try {
    const status = await lstat(full, { bigint: true });
    const kind = kindOf(status);
    const entry = {
      path,
      kind,
      bytes: kind === "file" ? Number(status.size) : 0,
      modified: milliseconds(status.mtimeNs),
      mode: Number(status.mode) & 0o7777,
      ...(kind === "link" ? { target: await readlink(full) } : {}),
    };
    return { entry, modified: status.mtimeNs };
  } catch (error) {
    if (systemCode(error) !== "ENOENT") problems.push(fileError(full, error));
    return undefined;
  }
}

/** ns as ms; as a double it would be rounded before it is divided. */
function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
}

function kindOf(status: BigIntStats): SourceEntry["kind"] {
  if (status.isFile()) return "file";
  if (status.isDirectory()) return "directory";
  return status.isSymbolicLink() ? "link" : "other";
}
