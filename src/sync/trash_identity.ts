import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { systemCode } from "../errors.ts";

/** What a directory is, whatever its name: numbers as decimal text, since they exceed 2^53. */
export interface Identity {
  readonly device: string;
  readonly inode: string;
}

/** The identity that a status tells. */
export function identityOf({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): Identity {
  return { device: `${dev}`, inode: `${ino}` };
}

/** Whether two directories are the same one. */
export function isSame(left: Identity, right: Identity): boolean {
  return left.device === right.device && left.inode === right.inode;
}

/** The directory at a path; undefined when there is none, or a link or a file. */
export async function directoryAt(path: string): Promise<Identity | undefined> {
  try {
    const status = await lstat(path, { bigint: true });
    return status.isDirectory() ? identityOf(status) : undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
