import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A disk that is soon full, as programs see it that are started through it. */
export interface SmallDisk {
  /** Where it is for programs started with `through`. */
  readonly path: string;
  readonly through: readonly string[];
  /** Where the same is for the test. */
  readonly seen: string;
  /** Gives it another size. */
  resize(size: string): void;
  /** Leaves no room on it. */
  fill(): void;
}

/**
 * Mounts a file system in memory that only programs started through it see, so that this needs no
 * privilege and leaves nothing behind. Where the kernel does not allow that, the test is left out
 * and says so.
 * @param size as `mount -o size=` takes it.
 */
export async function onSmallDisk(
  context: TestContext,
  directory: string,
  size: string,
  use: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const path = join(directory, "disk");
  mkdirSync(path);
  const mount = `mount -t tmpfs -o size=${size} none "$1" && echo ready && exec cat`;
  const keeper = spawn("unshare", ["-rm", "sh", "-c", mount, "sh", path], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const closed = once(keeper, "close");
  const said = await Promise.race([once(keeper.stdout, "data"), closed]);
  if (typeof said[0] === "number") {
    context.skip("no file system can be mounted here without privileges");
    return;
  }
  const through = ["nsenter", "-t", String(keeper.pid), "-U", "-m", "--preserve-credentials"];
  const inside = (command: string): void => {
    execFileSync("nsenter", [...through.slice(1), "sh", "-c", command, "sh", path]);
  };
  try {
    await use({
      path,
      through,
      seen: `/proc/${keeper.pid}/root${path}`,
      resize: (size) => inside(`mount -o remount,size=${size} "$1"`),
      fill: () => inside('cat /dev/zero > "$1/ballast" 2> /dev/null || true'),
    });
  } finally {
    keeper.kill();
    await closed;
  }
}
