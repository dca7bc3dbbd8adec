import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, readlink } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { AbsentFileError, SourceError } from "../errors.ts";
import { fileError, notPlain, openHandle, plainStatus } from "./byte_source.ts";
import { isInside } from "./walk.ts";

/** A file that was opened and proven to be the one meant. */
export interface InsideFile {
  /** Absolute and free of links. */
  readonly path: string;
  readonly handle: FileHandle;
  /** Size in bytes when it was opened. */
  readonly size: number;
}

const mostLinks = 40;

/**
 * Opens the plain file `path` for reading; relative paths begin at `root`, which must be absolute
 * and free of links. Links are followed as long as they stay below `root`. The path is resolved
 * again after opening and must lead to the same file, so that replacing a part of it meanwhile
 * gains nothing.
 * @param followOutside also follow absolute paths, `..` and links that lead out of `root`.
 * @throws {SourceError} when it is missing, unreadable, not a plain file, or outside.
 */
export async function openInside(
  root: string,
  path: string,
  followOutside: boolean,
): Promise<InsideFile> {
  const wanted = plainPath(root, path, followOutside);
  const found = await resolveLinks(root, wanted, path, followOutside);
  if (!found.status.isFile()) throw notPlain(path);
  const handle = await openHandle(found.path, constants.O_NOFOLLOW);
  try {
    const opened = await plainStatus(path, handle);
    const again = await resolveLinks(root, wanted, path, followOutside);
    const same = again.path === found.path &&
      again.status.dev === opened.device && again.status.ino === opened.inode;
    if (!same) throw changed(path);
    return { path: found.path, handle, size: opened.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** `path` as an absolute one, refused when it is outside by its spelling alone. */
function plainPath(root: string, path: string, followOutside: boolean): string {
  if (path === "" || path.includes("\0")) {
    throw new SourceError(
      `Cannot read ${JSON.stringify(path)}: it is not a path`,
      { hint: "The run's records are damaged at this place." },
    );
  }
  const climbs = path.split("/").includes("..");
  if (!followOutside && (isAbsolute(path) || climbs)) throw outside(path);
  return resolve(root, path);
}

interface Resolved {
  readonly path: string;
  readonly status: BigIntStats;
}

/** Follows the links of an absolute path, part by part. */
async function resolveLinks(
  root: string,
  wanted: string,
  path: string,
  followOutside: boolean,
): Promise<Resolved> {
  let [at, rest] = isInside(wanted, root)
    ? [root, split(wanted.slice(root.length))]
    : [sep, split(wanted)];
  let status = await statusOf(at, path);
  for (let links = 0; rest.length > 0;) {
    const [name = "", ...behind] = rest;
    const next = join(at, name);
    status = await statusOf(next, path);
    if (!status.isSymbolicLink()) {
      [at, rest] = [next, behind];
      continue;
    }
    if (++links > mostLinks) throw tooManyLinks(path);
    const target = resolve(at, await targetOf(next, path));
    if (!followOutside && !isInside(target, root)) throw outside(path);
    [at, rest] = isInside(target, root)
      ? [root, [...split(target.slice(root.length)), ...behind]]
      : [sep, [...split(target), ...behind]];
    status = await statusOf(at, path);
  }
  return { path: at, status };
}

function split(path: string): string[] {
  return path.split(sep).filter((part) => part !== "");
}

async function statusOf(path: string, asked: string): Promise<BigIntStats> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    throw fileError(asked, error);
  }
}

async function targetOf(path: string, asked: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (error) {
    throw fileError(asked, error);
  }
}

function outside(path: string): AbsentFileError {
  return new AbsentFileError(
    `Cannot read ${path}: it is outside the run directory`,
    { hint: "Allow it with --follow-outside if you trust this run." },
  );
}

function tooManyLinks(path: string): SourceError {
  return new SourceError(`Cannot read ${path}: too many links`, {
    hint: `Its links lead in a circle; look at ${dirname(path)}.`,
  });
}

function changed(path: string): SourceError {
  return new SourceError(
    `Cannot read ${path}: it was replaced while it was opened`,
    { hint: "Try again when nothing changes the run directory." },
  );
}
