import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("wrong_clock.c", import.meta.url));

/** A clock that programs take for the right one. */
export interface WrongClock {
  /** What a program has to be started with. */
  readonly environment: { readonly [name: string]: string };
  /** Sets it so many seconds ahead, or back, at once for all who have it. */
  set(seconds: number): void;
}

/**
 * Compiles a library that tells programs another time. Where that cannot be done, the test is left
 * out and says so.
 */
export async function withWrongClock(
  context: TestContext,
  directory: string,
  use: (clock: WrongClock) => Promise<void>,
): Promise<void> {
  const library = join(directory, "wrong_clock.so");
  const options = ["-shared", "-fPIC", "-o", library, source, "-ldl"];
  const compiled = process.platform === "linux" ? spawnSync("cc", options) : undefined;
  if (compiled?.status !== 0) {
    context.skip("nothing can be compiled here that tells programs another time");
    return;
  }
  const file = join(directory, "wrong_by");
  const set = (seconds: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    writeFileSync(file, bytes, { flag: "r+" });
  };
  writeFileSync(file, Buffer.alloc(8));
  await use({ environment: { LD_PRELOAD: library, WRONG_BY: file }, set });
}
