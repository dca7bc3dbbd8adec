import type { KnownDifference } from "./compare_facts.ts";

/**
 * Where the state that the official client leaves is not the state to reach: what it is known to
 * lose or to make up.
 */
export const knownDifferences: readonly KnownDifference[] = [
  {
    reason: "metadata.runferry is ours: it holds what has no place of its own on the host",
    covers: ({ group, name, theirs }) =>
      group === "metadata" && name === "runferry" && theirs === undefined,
  },
];
