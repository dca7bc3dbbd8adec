import { open, readFile, readlink } from "node:fs/promises";
import { systemCode, ToolError } from "../../../src/errors.ts";

/**
 * Takes a store for this process. Where the system does not show processes as files there is no
 * way to ask about another one, and nothing is taken.
 * @throws {ToolError} `locked` when a living process has it.
 */
export async function lockStore(path: string): Promise<AsyncDisposable> {
  const own = await identityOf("self");
  if (own === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const holder = await contentOf(path);
  const id = holder.split(" ")[0] ?? "";
  if (/^\d+$/.test(id) && await identityOf(id) === holder) {
    throw new ToolError("locked", `Process ${id} serves this store`, {
      hint: "End that process first, or serve another folder.",
    });
  }
  await write(path, own);
  return { [Symbol.asyncDispose]: () => write(path, "") };
}

/** A process by its number and when it began, since numbers are used again. */
async function identityOf(number: string): Promise<string | undefined> {
  try {
    const id = number === "self" ? await readlink("/proc/self") : number;
    const stat = await readFile(`/proc/${id}/stat`, "utf8");
    // The name in parentheses may hold anything; the 20th field behind it is the start time.
    const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    return `${id} ${began}`;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return "";
  }
}

async function write(path: string, text: string): Promise<void> {
  const handle = await open(path, "w", 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
