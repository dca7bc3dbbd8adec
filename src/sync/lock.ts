import { randomUUID } from "node:crypto";
import { link, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LockedError, systemCode } from "../errors.ts";
import { cannotLink } from "../files/cannot_link.ts";
import { isGone, type LockHolder, parseHolder, thisHolder } from "./lock_holder.ts";

/** How a lock is taken. */
export interface LockOptions {
  /** Id of this process. */
  readonly pid: number;
  /** ms since epoch. */
  readonly now: number;
  /** What is locked, as messages name it. */
  readonly subject: string;
  /** Take it from whoever has it: the user says that nobody has. */
  readonly breaking: boolean;
}

/** Attempts to get a lock that vanishes or is left behind just then. */
const attempts = 5;

/**
 * A file that one process at a time can have. Disposing gives it back. Everything here that deletes,
 * deletes only the file itself and what was made beside it to become it.
 */
export class Lock implements AsyncDisposable {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Takes a lock. One whose process is surely gone counts as free.
   * @throws {LockedError} when another process has it, naming that.
   * @throws as node:fs does, when no lock can be made there.
   */
  static async take(path: string, options: LockOptions): Promise<Lock> {
    const own = await thisHolder(options.pid, options.now);
    // The nonce tells our lock from another one of this process.
    const text = JSON.stringify({ ...own, nonce: randomUUID() });
    for (let attempt = 1;; attempt++) {
      if (await create(path, text)) {
        await removeDrafts(path, own);
        return new Lock(path, text);
      }
      const found = await readIfThere(path);
      if (found === undefined) {
        if (attempt < attempts) continue;
        throw lockedBy(undefined, options.subject);
      }
      const holder = parseHolder(found);
      const isFree = options.breaking || holder !== undefined && await isGone(holder, own);
      if (!isFree || attempt === attempts) throw lockedBy(holder, options.subject);
      await takeAway(path, found);
    }
  }

  /** Gives the lock back, unless somebody broke it meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (await readIfThere(this.#path) === this.#text) await removeIfThere(this.#path);
  }
}

/** Makes the file with its content at once; false when there is one. */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await write(draft, text);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    // Whoever has the lock by now may have taken the draft for a left one.
    if (code === "EEXIST" || code === "ENOENT") return false;
    if (!cannotLink(error)) throw error;
    return await createInPlace(path, text);
  } finally {
    await removeIfThere(draft);
  }
}

/** Removes what processes that are gone left beside a lock that we have; torn ones are of no use. */
async function removeDrafts(path: string, own: LockHolder): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const draft = join(dirname(path), name);
    const holder = parseHolder(await readIfThere(draft) ?? "");
    if (holder === undefined || await isGone(holder, own)) await removeIfThere(draft);
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await write(path, text);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    return false;
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Removes a lock that was judged to be free. If another process has put its own there meanwhile,
 * that one is put back.
 */
async function takeAway(path: string, judged: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return;
  }
  const taken = await readIfThere(aside);
  if (taken !== undefined && taken !== judged) await create(path, taken);
  await removeIfThere(aside);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function lockedBy(holder: LockHolder | undefined, subject: string): LockedError {
  const who = holder === undefined
    ? "another process"
    : `process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`;
  return new LockedError(`${subject} is locked by ${who}`, {
    hint: "Wait until it is done; if it is surely gone, --break-lock takes the lock from it.",
  });
}
