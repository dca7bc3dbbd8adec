import type { RunDirectory } from "./run_directory.ts";
import { Buffer } from "node:buffer";
import { SourceError, systemCode } from "../errors.ts";

/** The content of a small file, or why it is not given. */
export type SmallFile =
  | { readonly content: Buffer }
  | { readonly problem: string };

/** Reads a file of at most `limit` bytes; undefined when there is none. */
export async function readSmallFile(
  files: Pick<RunDirectory, "file">,
  path: string,
  limit: number,
): Promise<SmallFile | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    const stream = await files.file({ path });
    for await (const piece of stream) {
      bytes += piece.length;
      if (bytes > limit) {
        return { problem: `${path} is longer than ${limit} bytes` };
      }
      pieces.push(piece);
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const isMissing = systemCode(error.cause) === "ENOENT";
    return isMissing ? undefined : { problem: error.message };
  }
  return { content: Buffer.concat(pieces) };
}
