import { randomUUID } from "node:crypto";
import { lstat, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SourceError, systemCode } from "../errors.ts";
import { makeFolder, syncFolder } from "../files/durable_folder.ts";
import { isInside } from "../files/walk.ts";
import { cannotDelete, examineTree, type Surroundings } from "./trash_examine.ts";
import { directoryAt, type Identity, isSame } from "./trash_identity.ts";
import { deleteTree } from "./trash_tree.ts";

/** Names of run directories that are being deleted begin so. */
export const trashPrefix = ".runferry-trash-";

/** A run directory that is to go. */
export interface Doomed {
  /** Absolute and free of links. */
  readonly path: string;
  /** The directory that was looked at. */
  readonly identity: Identity;
  /** Whether the directory at this path holds exactly what was proven to have arrived. */
  unchanged(path: string): Promise<boolean>;
  /** Remembers durably where it is moved to, before it is. */
  announce(trash: string): Promise<void>;
  /** Remembers durably that what is there now is to be deleted, whatever comes. */
  condemn(trash: string): Promise<void>;
}

/** Where it goes, and the file system around it. */
export interface DiscardOptions {
  /** Absolute path of a folder to move it into, instead of deleting it. */
  readonly trash?: string;
  readonly surroundings?: Surroundings;
}

/**
 * Deletes a run directory, or moves it away, and returns the name that it got for that. Under the
 * new name it is looked at once more: whatever took the old name meanwhile, and whatever was added
 * meanwhile, is put back instead of deleted.
 * @throws {SourceError} when it cannot; the message tells where the run is, if not where it was.
 */
export async function discard(doomed: Doomed, options: DiscardOptions = {}): Promise<string> {
  const { path, identity } = doomed;
  const { trash, surroundings } = options;
  try {
    await examineTree(path, identity, surroundings);
    if (!await doomed.unchanged(path)) throw changed(path);
    const target = trash === undefined
      ? join(dirname(path), `${trashPrefix}${randomUUID()}`)
      : await nameInFolder(path, trash);
    await doomed.announce(target);
    await rename(path, target);
    await orBack(doomed, target);
    if (trash === undefined) await remove(path, target, identity);
    return target;
  } catch (error) {
    throw cannotDelete(path, error);
  }
}

/** Looks at what was moved; anything but the proven run goes back where it was. */
async function orBack(doomed: Doomed, target: string): Promise<void> {
  const { path, identity } = doomed;
  try {
    const moved = await directoryAt(target);
    if (moved === undefined || !isSame(moved, identity)) throw replaced(path);
    if (!await doomed.unchanged(target)) throw changed(path);
    await syncFolder(dirname(path));
    await syncFolder(dirname(target));
    await doomed.condemn(target);
  } catch (error) {
    await putBack(target, path);
    throw error;
  }
}

/**
 * Gives something the name back that it had.
 * @throws {SourceError} when something else has that name by now, and tells where it is.
 */
export async function putBack(target: string, path: string): Promise<void> {
  try {
    if (await isThere(path)) throw taken(path, target);
    await rename(target, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw cannotDelete(path, error, undefined, target);
  }
}

/** Deletes what was moved and looked at. */
export async function remove(path: string, target: string, identity: Identity): Promise<void> {
  try {
    await deleteTree(target, identity);
    await syncFolder(dirname(target));
  } catch (error) {
    throw cannotDelete(path, error, undefined, target);
  }
}

/** A name for it in a folder that does not have it yet; makes the folder where it is missing. */
async function nameInFolder(path: string, folder: string): Promise<string> {
  if (isInside(folder, path)) {
    throw new SourceError(`Cannot move ${path} to ${folder}: that lies inside it`, {
      hint: "Choose another folder for --trash.",
    });
  }
  await makeFolder(folder);
  const wanted = join(folder, basename(path));
  return await isThere(wanted) ? `${wanted}-${randomUUID().slice(0, 8)}` : wanted;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return false;
  }
}

function changed(path: string): SourceError {
  return new SourceError(`Cannot delete ${path}: something in it was changed after it was read`, {
    hint: "Nothing was deleted; run the same command again when nothing writes to it.",
  });
}

function replaced(path: string): SourceError {
  return new SourceError(`Cannot delete ${path}: another file or directory took its place`, {
    hint: "Nothing was deleted; look at what is there now.",
  });
}

function taken(path: string, target: string): SourceError {
  return new SourceError(`Cannot move ${target} back to ${path}: something else is there now`, {
    hint: "Nothing was deleted; move it by hand.",
  });
}
