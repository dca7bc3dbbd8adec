import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";

/**
 * Mounts a file system in memory at `path` while `use` runs. Where that is not allowed, `use` is
 * left out and the reason printed.
 * @param options of the mount, such as "size=1m" or "ro".
 */
export async function onDisk(
  path: string,
  options: string,
  use: () => Promise<void>,
): Promise<void> {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`Left out, since nothing can be mounted here: ${String(error)}\n`);
    return;
  }
  try {
    await use();
  } finally {
    execFileSync("umount", [path]);
  }
}
