import { Buffer } from "node:buffer";
import type { RunFiles } from "../../../src/adapter.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";

/** The content of a small file, or why it is not given. */
export type SmallFile = { readonly text: string } | { readonly problem: string };

/** Reads a file of at most `limit` bytes as UTF-8; undefined when there is none. */
export async function readSmallFile(
  files: Pick<RunFiles, "file">,
  path: string,
  limit: number,
): Promise<SmallFile | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of await files.file({ path })) {
      bytes += piece.length;
      if (bytes > limit) return { problem: `${path} is longer than ${limit} bytes` };
      pieces.push(piece);
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return systemCode(error.cause) === "ENOENT" ? undefined : { problem: error.message };
  }
  return { text: Buffer.concat(pieces).toString("utf8") };
}
