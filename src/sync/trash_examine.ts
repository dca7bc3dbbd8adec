import { constants } from "node:fs";
import { access, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SourceError, systemCode, ToolError } from "../errors.ts";
import { isInside } from "../files/walk.ts";
import { directoryAt, type Identity, identityOf, isSame } from "./trash_identity.ts";
import { mountPoints } from "./trash_mounts.ts";

/** What a name stands for. */
interface NameStatus {
  readonly identity: Identity;
  readonly isDirectory: boolean;
}

/** What is asked of the file system before anything is moved. */
export interface Surroundings {
  /** Device and inode of a name, links not followed, and whether it is a directory. */
  status(path: string): Promise<NameStatus>;
  /** Absolute paths of everything that is mounted. */
  mounts(): Promise<readonly string[]>;
}

/** The real file system. */
export const realSurroundings: Surroundings = {
  async status(path): Promise<NameStatus> {
    const status = await lstat(path, { bigint: true });
    return { identity: identityOf(status), isDirectory: status.isDirectory() };
  },
  mounts: mountPoints,
};

/**
 * Makes sure that a directory can be deleted as a whole, and nothing but it; changes nothing.
 * @throws {ToolError} `source` when it is not the directory that `identity` tells, something is
 * mounted in it, or a directory in it cannot be emptied.
 */
export async function examineTree(
  path: string,
  identity: Identity,
  surroundings: Surroundings = realSurroundings,
): Promise<void> {
  const found = await directoryAt(path);
  if (found === undefined || !isSame(found, identity)) {
    throw new SourceError(`Cannot delete ${path}: another file or directory took its place`, {
      hint: "Look at what is there now; nothing was deleted.",
    });
  }
  for (const mount of await surroundings.mounts()) {
    if (isInside(mount, path)) throw mounted(path, mount);
  }
  await examineDirectory(path, path, identity.device, surroundings);
}

async function examineDirectory(
  top: string,
  path: string,
  device: string,
  surroundings: Surroundings,
): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cannotDelete(top, error, path);
  }
  for (const name of await readdir(path)) {
    const child = join(path, name);
    const status = await surroundings.status(child);
    if (status.identity.device !== device) throw mounted(top, child);
    if (status.isDirectory) await examineDirectory(top, child, device, surroundings);
  }
}

function mounted(path: string, mount: string): SourceError {
  return new SourceError(`Cannot delete ${path}: another file system is mounted at ${mount}`, {
    hint: "Unmount it, or delete the run by hand; nothing was deleted.",
  });
}

const reasons: { readonly [code: string]: string } = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EBUSY: "something there is in use",
  ENOTEMPTY: "something appeared in it meanwhile",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EXDEV: "the trash is on another file system",
  ENOENT: "it vanished meanwhile",
  EIO: "the disk reports an error",
  ESTALE: "the file server lost track of it",
};

/**
 * Why a directory cannot be deleted, made of a failed system call; any other error is returned as
 * it is. `at` is where it failed and `left` where the rest of the run is, if not where it was.
 */
export function cannotDelete(path: string, error: unknown, at?: string, left?: string): unknown {
  if (error instanceof ToolError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  const place = at === undefined || at === path ? "" : ` (at ${at})`;
  return new SourceError(`Cannot delete ${path}: ${reasons[code] ?? code}${place}`, {
    hint: left === undefined
      ? "Nothing was deleted; see to it and run the same command again."
      : `What is left of it is in ${left}; the next clean of it goes on there.`,
    cause: error,
  });
}
