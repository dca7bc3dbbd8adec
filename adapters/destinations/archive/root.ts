import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { DestinationError, systemCode } from "../../../src/errors.ts";
import { isInside } from "../../../src/files/walk.ts";
import { destinationError, writing } from "../../../src/archive/system_error.ts";

/** Whether there is no file at a path, or none that can be looked at. */
export async function isMissing(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isFile();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return true;
  }
}

/**
 * Whether tars can be made below `root`, which need not exist; changes nothing.
 * @throws {DestinationError} when they cannot.
 */
export async function checkWritable(root: string): Promise<void> {
  const existing = await nearest(root);
  await writing(root, async () => {
    if (!(await stat(existing)).isDirectory()) throw notFolder(existing);
    await access(existing, constants.W_OK | constants.X_OK);
  });
}

/**
 * The source tree is never written, so the archive must not lie in it.
 * @throws {DestinationError} when `root` is the run directory `run` or inside it.
 */
export async function refuseInside(root: string, run: string): Promise<void> {
  const existing = await nearest(root);
  const target = join(await realpath(existing), relative(existing, root));
  const source = await realOf(run);
  if (source === undefined || !isInside(target, source)) return;
  throw new DestinationError(
    `Cannot archive ${run} to ${root}: the archive would lie inside the run`,
    { hint: "Choose a folder outside the run directory." },
  );
}

/** The folder itself, or the nearest one above it that exists. */
async function nearest(path: string): Promise<string> {
  for (let at = path;; at = dirname(at)) {
    const real = await realOf(at);
    if (real !== undefined || at === dirname(at)) return at;
  }
}

async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw destinationError(path, error);
  }
}

function notFolder(path: string): DestinationError {
  return new DestinationError(`Cannot write to ${path}: it is not a folder`, {
    hint: "Name a folder; it is made where it does not exist.",
  });
}
