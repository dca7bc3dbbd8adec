import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../errors.ts";

/**
 * Makes a folder, and those above it, where they are missing. They are still there after a power
 * cut, and so is what is synced in them.
 * @throws as node:fs does, when it cannot.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const first = await mkdir(path, { recursive: true, ...(mode === undefined ? {} : { mode }) });
  if (first === undefined) return;
  for (let made = path;; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}

/**
 * Makes sure that the names in a folder survive a power cut, where folders can be synced.
 * @throws as node:fs does, when the folder cannot be opened, or when the disk fails.
 */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, constants.O_RDONLY);
  } catch (error) {
    // Where folders cannot be opened, as on Windows, they need no syncing either.
    if (systemCode(error) === "EISDIR" || systemCode(error) === "EPERM") return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSync.has(systemCode(error) ?? "")) throw error;
    return;
  } finally {
    await handle.close();
  }
}

/** What file systems answer on which folders cannot be synced. */
const cannotSync: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);
