import { open } from "node:fs/promises";
import { systemCode } from "../errors.ts";
import type { SourceEntry } from "../model/file.ts";

/** The time that our marks bear, in ms since epoch: nobody else writes a file then. */
const markTime = 0;

/** Whether something at the place of a mark was put there by {@link writeMark}. */
export function isOurMark({ kind, bytes, modified }: SourceEntry): boolean {
  return kind === "file" && bytes === 0 && modified === markTime;
}

/**
 * Writes a mark: an empty file that tools of a tracker look for. What is there already stays as it
 * is, a link included. Throws system errors as they are.
 */
export async function writeMark(path: string): Promise<void> {
  try {
    await using file = await open(path, "wx");
    await file.utimes(markTime, markTime);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}
