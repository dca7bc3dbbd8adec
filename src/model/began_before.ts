import type { RunInfo } from "./run.ts";

/** What the order of the parts of a run goes by. */
type Began = Pick<RunInfo, "directory" | "startedAt">;

/**
 * Whether a part of a run began before another one; names decide between equals, and what does not
 * tell when it began is the first.
 */
export function beganBefore(left: Began, right: Began): boolean {
  const [began = -Infinity, other = -Infinity] = [left.startedAt, right.startedAt];
  return began === other ? left.directory < right.directory : began < other;
}
