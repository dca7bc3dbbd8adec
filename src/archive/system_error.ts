import { DestinationError, systemCode } from "../errors.ts";

const words: { readonly [code: string]: readonly [string, string] } = {
  ENOSPC: ["the disk is full", "Free some space there and run again."],
  EDQUOT: [
    "the disk quota is used up",
    "Free some space there, or ask for more, and run again.",
  ],
  EROFS: [
    "the file system is read-only",
    "Choose a folder that can be written.",
  ],
  EACCES: [
    "permission denied",
    "Ask its owner for permission to write there, or choose another folder.",
  ],
  EPERM: [
    "permission denied",
    "Ask its owner for permission to write there, or choose another folder.",
  ],
  ENAMETOOLONG: [
    "the name is too long for the file system",
    "Choose a folder with a shorter path.",
  ],
  ENOTDIR: [
    "a part of the path is a file, not a folder",
    "Choose another folder.",
  ],
  EEXIST: [
    "a part of the path is a file, not a folder",
    "Choose another folder.",
  ],
  ENOENT: [
    "it vanished meanwhile",
    "Run again when nothing else changes that folder.",
  ],
  EIO: [
    "the disk reports an error",
    "Choose a folder on another disk.",
  ],
  EFBIG: [
    "the file is too large for the file system",
    "Choose a folder on a file system that takes larger files.",
  ],
};

/**
 * Turns a failed system call on the destination's `path` into a DestinationError; an error that is
 * none is returned as it is.
 */
export function destinationError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const [reason, hint] = words[code] ?? [code, "Choose another folder."];
  return new DestinationError(`Cannot write ${path}: ${reason}`, {
    hint,
    cause: error,
  });
}

/** Runs one step on the destination's `path`; a failed system call becomes a DestinationError. */
export async function writing<Result>(
  path: string,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    throw destinationError(path, error);
  }
}
