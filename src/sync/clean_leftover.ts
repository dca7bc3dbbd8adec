import { basename, dirname } from "node:path";
import { SourceError } from "../errors.ts";
import { stampOf } from "./clean_directory.ts";
import type { CleanEntry } from "./journal_entry.ts";
import { putBack, remove, trashPrefix } from "./trash.ts";
import { directoryAt } from "./trash_identity.ts";

/** A cleaning that an earlier process announced and did not end. */
export interface Leftover {
  /** What the run directory was called. */
  readonly path: string;
  /** The last that the journal of this machine says of it. */
  readonly entry: CleanEntry;
  /** Remembers durably how far it is. */
  tell(state: CleanEntry["state"]): Promise<void>;
}

/**
 * Ends a cleaning that was interrupted: what was looked at after it was moved is deleted, what was
 * not is looked at now, and put back if it is not what was announced. Only the directory that was
 * announced is ever touched.
 * @returns whether the run directory is gone now.
 * @throws {SourceError} when it cannot be deleted or put back; the message tells where it is.
 */
export async function endLeftover({ path, entry, tell }: Leftover): Promise<boolean> {
  const { trash, inode, stamp, state } = entry;
  if (state === "done") return true;
  const identity = await directoryAt(trash);
  if (identity === undefined) return await isGone(path, state, tell);
  const isMoved = !basename(trash).startsWith(trashPrefix);
  if (identity.inode !== inode || !isMoved && dirname(trash) !== dirname(path)) {
    throw another(path, trash);
  }
  if (state === "announced") {
    if (await stampOf(trash) !== stamp) {
      await putBack(trash, path);
      return false;
    }
    if (!isMoved) await tell("condemned");
  }
  if (!isMoved) await remove(path, trash, identity);
  await tell("done");
  return true;
}

/** Where the announced name is free, the run was not moved yet, or is deleted already. */
async function isGone(
  path: string,
  state: CleanEntry["state"],
  tell: Leftover["tell"],
): Promise<boolean> {
  if (state === "announced" && await directoryAt(path) !== undefined) return false;
  await tell("done");
  return true;
}

function another(path: string, trash: string): SourceError {
  return new SourceError(`Cannot delete ${path}: what is at ${trash} is another directory`, {
    hint: "Look at what is there; runferry deletes only the directory that it moved there.",
  });
}
