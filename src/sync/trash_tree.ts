import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import { access, type FileHandle, lstat, open, readdir, rmdir, unlink } from "node:fs/promises";
import { systemCode, ToolError } from "../errors.ts";
import { type Identity, identityOf } from "./trash_identity.ts";

/**
 * Empties and removes a directory. Links in it are removed, never followed; nothing is removed on
 * another device. Each directory is opened and held while it is emptied, so that replacing a part
 * of the path meanwhile leads nowhere else.
 * @throws {ToolError} `source` when it is not the directory that `identity` tells; nothing is
 * removed then. System errors are thrown as they are; what was removed until then is gone.
 */
export async function deleteTree(path: string, identity: Identity): Promise<void> {
  await emptyDirectory(Buffer.from(path), identity.device, identity);
  await rmdir(path);
}

async function emptyDirectory(
  path: Buffer,
  device: string,
  expected?: Identity,
): Promise<void> {
  const handle = await open(
    path,
    constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
  );
  try {
    const found = identityOf(await handle.stat({ bigint: true }));
    const isOther = expected !== undefined && found.inode !== expected.inode;
    if (isOther || found.device !== device) throw replaced(path);
    const held = await heldPath(handle) ?? path;
    for (const name of await readdir(held, { encoding: "buffer" })) {
      const child = Buffer.concat([held, Buffer.from("/"), name]);
      if (!(await lstat(child)).isDirectory()) {
        await unlink(child);
        continue;
      }
      await emptyDirectory(child, device);
      await rmdir(child);
    }
  } finally {
    await handle.close();
  }
}

/** A path that leads to an open directory, whatever becomes of its name; where there is such. */
async function heldPath(handle: FileHandle): Promise<Buffer | undefined> {
  const path = `/proc/self/fd/${handle.fd}`;
  try {
    await access(path);
    return Buffer.from(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function replaced(path: Buffer): ToolError {
  return new ToolError("source", `Cannot delete ${path.toString()}: another directory is there`, {
    hint: "Look at what is there; runferry deletes only the directory that it looked at before.",
  });
}
