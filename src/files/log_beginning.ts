import { createHash } from "node:crypto";

/** Bytes of a log that tell it from any other: they hold when its run began, and more. */
export const beginningBytes = 512;

/** Hash of a log's first bytes, as 16 hex digits; undefined while it has not so many. */
export function logBeginning(head: Uint8Array): string | undefined {
  if (head.length < beginningBytes) return undefined;
  return createHash("sha256").update(head.subarray(0, beginningBytes)).digest("hex").slice(0, 16);
}
