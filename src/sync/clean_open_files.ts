import { readlink } from "node:fs/promises";
import { systemCode } from "../errors.ts";
import { namesIn } from "../files/names_in.ts";
import { isInside } from "../files/walk.ts";

/**
 * Whether a process of this machine is known to have a file at or below a directory open. Only
 * processes that we may ask count; none where the system does not show them as files.
 */
export async function isInUse(directory: string, table: string = "/proc"): Promise<boolean> {
  for await (const path of openFiles(table)) {
    if (isInside(path, directory)) return true;
  }
  return false;
}

/** What processes of this machine have open, as far as {@link isInUse} knows; `but` is left out. */
async function* openFiles(table: string, but?: string): AsyncGenerator<string> {
  for (const id of await namesIn(table)) {
    if (!/^\d+$/.test(id) || id === but) continue;
    const files = `${table}/${id}/fd`;
    for (const file of await namesIn(files)) {
      const target = await targetOf(`${files}/${file}`);
      if (target !== undefined) yield target;
    }
  }
}

/** What other processes than this one have open. */
export async function* filesOfOthers(table: string = "/proc"): AsyncGenerator<string> {
  yield* openFiles(table, await targetOf(`${table}/self`));
}

/** Where a link leads; undefined when it is gone or not for us. */
async function targetOf(link: string): Promise<string | undefined> {
  try {
    return await readlink(link);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
