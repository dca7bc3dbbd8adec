import { open } from "node:fs/promises";
import { ConfigError, systemCode } from "../errors.ts";

/** More than any file of settings has. */
const mostBytes = 2 ** 20;

/**
 * The text of a small file of settings; undefined when there is none.
 * @throws {ConfigError} when it cannot be read or is not small.
 */
export async function readConfigFile(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path);
    const status = await file.stat();
    if (!status.isFile()) throw new ConfigError(`${path} is not a file`, { hint: moveHint });
    if (status.size > mostBytes) {
      throw new ConfigError(`${path} is too large to be a file of settings`, { hint: moveHint });
    }
    const { buffer, bytesRead } = await file.read(new Uint8Array(mostBytes), 0, mostBytes, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = systemCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ConfigError(`${path} cannot be read (${code ?? String(cause)})`, {
      hint: "Check who may read it, or move it away.",
      cause,
    });
  }
}

const moveHint = "Move it away; SwanLab's settings are expected there.";
