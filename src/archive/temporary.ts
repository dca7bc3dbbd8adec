import { createHash, randomUUID } from "node:crypto";
import {
  access,
  type FileHandle,
  link,
  open,
  readdir,
  readlink,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { systemCode } from "../errors.ts";
import { syncFolder } from "../files/durable_folder.ts";
import { cannotLink } from "../files/cannot_link.ts";
import { writing } from "./system_error.ts";

/** ".runferry-HOST-PROCESS-RANDOM.part", in the folder of the tar that it becomes. */
const pattern = /^\.runferry-([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.part$/;
/** A temporary of a process that we cannot ask about is left over after so many ms. */
const oldAge = 24 * 60 * 60 * 1000;

/** A file under a name that is not its last. Everything here that deletes, deletes only these. */
export interface Temporary {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Makes a temporary in a folder.
 * @throws {DestinationError} when it cannot.
 */
export async function createTemporary(folder: string): Promise<Temporary> {
  const owner = `${host()}-${await processId()}`;
  const path = join(folder, `.runferry-${owner}-${randomUUID()}.part`);
  const handle = await writing(path, () => open(path, "wx+", 0o666));
  return { path, handle };
}

/** Shortens a temporary to so many bytes. */
export async function cutTo({ handle }: Temporary, bytes: number): Promise<void> {
  await handle.truncate(bytes);
}

/** Closes and deletes a temporary that was not published. */
export async function discard({ path, handle }: Temporary): Promise<void> {
  await handle.close();
  await removeIfThere(path);
}

/**
 * Gives a temporary its last name, surely: its content, then its name, is on disk before this
 * returns. False when `target` exists and is not to be replaced; the temporary is then kept.
 * @throws {DestinationError} when it cannot.
 */
export async function publish(
  { path, handle }: Temporary,
  target: string,
  replace: boolean,
): Promise<boolean> {
  return await writing(target, async () => {
    await handle.sync();
    if (replace) await rename(path, target);
    else if (!await linkNew(path, target)) return false;
    await syncFolder(dirname(target));
    await handle.close();
    return true;
  });
}

/** Deletes what processes that ended left over in a folder. `now` in ms since epoch. */
export async function removeLeftovers(
  folder: string,
  now: number,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, owner, id] = pattern.exec(name) ?? [];
    if (owner === undefined || id === undefined) continue;
    const path = join(folder, name);
    const ours = owner === host() && await processId() !== "0";
    const gone = ours ? !await exists(`/proc/${id}`) : await olderThan(path, now - oldAge);
    if (gone) await removeIfThere(path);
  }
}

/** The second name is made before the first one goes, and never over another file. */
async function linkNew(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    if (!cannotLink(error)) throw error;
    if (await exists(target)) return false;
    await rename(path, target);
    return true;
  }
  await unlink(path);
  return true;
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return false;
  }
}

async function olderThan(path: string, time: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < time;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return false;
  }
}

/** Processes can only be asked about on their own machine. */
function host(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

/** Our own process id, or "0" where the system does not show processes as files. */
async function processId(): Promise<string> {
  try {
    return await readlink("/proc/self");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return "0";
  }
}
