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

/** Bytes that a file may have where nothing can be mounted, in blocks of 512. */
const mostBlocks = 1000;

/**
 * Mounts a file system in memory that only programs started through it see, so that this needs no
 * privilege and leaves nothing behind. Where the kernel does not allow that, files are limited in
 * size instead, if `orLimit` says that this does as well; else the test is left out and says so.
 * @param size as `mount -o size=` takes it.
 */
export async function onSmallDisk(
  context: TestContext,
  directory: string,
  { size, orLimit = false }: { readonly size: string; readonly orLimit?: boolean },
  use: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const path = join(directory, "disk");
  mkdirSync(path);
  const mount = `mount -t tmpfs -o size=${size} none "$1" && echo ready && exec cat`;
  const keeper = spawn("unshare", ["-rm", "sh", "-c", mount, "sh", path], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A program that is not there is as good as one that may not.
  const closed = once(keeper, "close").catch(() => [1]);
  const said = await Promise.race([once(keeper.stdout, "data"), closed]);
  if (typeof said[0] === "number") {
    if (orLimit) return await use(limited(path));
    context.skip("no file system can be mounted here without privileges");
    return;
  }
  try {
    await use(mounted(path, keeper.pid ?? 0));
  } finally {
    keeper.kill();
    await closed;
  }
}

function mounted(path: string, keeper: number): SmallDisk {
  const into = ["-t", String(keeper), "-U", "-m", "--preserve-credentials"];
  const inside = (command: string): void => {
    execFileSync("nsenter", [...into, "sh", "-c", command, "sh", path]);
  };
  return {
    path,
    through: ["nsenter", ...into],
    seen: `/proc/${keeper}/root${path}`,
    resize: (size) => inside(`mount -o remount,size=${size} "$1"`),
    fill: () => inside('cat /dev/zero > "$1/ballast" 2> /dev/null || true'),
  };
}

/** A folder in which no file can be large, until it is resized. */
function limited(path: string): SmallDisk {
  let through: readonly string[] = ["sh", "-c", `ulimit -f ${mostBlocks}; exec "$@"`, "sh"];
  return {
    path,
    get through(): readonly string[] {
      return through;
    },
    seen: path,
    resize: () => void (through = []),
    fill: () => undefined,
  };
}
