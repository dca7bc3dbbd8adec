import type { Facts } from "./facts.ts";

/** A difference that is meant to be, and why. */
export interface KnownDifference {
  /** A sentence. */
  readonly reason: string;
  /** Whether this difference is one; `theirs` or `ours` is undefined where a side lacks the fact. */
  covers(difference: Difference): boolean;
}

/** One fact that the two sides do not agree on. */
export interface Difference {
  readonly group: string;
  readonly name: string;
  readonly theirs: string | undefined;
  readonly ours: string | undefined;
}

/** What became of one group of facts. */
export interface GroupResult {
  readonly group: string;
  /** How many facts were compared. */
  readonly facts: number;
  readonly differences: readonly Difference[];
  /** Reasons for the known ones among the facts. */
  readonly known: ReadonlySet<string>;
}

/** Compares two runs group by group. */
export function compareFacts(
  theirs: Facts,
  ours: Facts,
  knownDifferences: readonly KnownDifference[],
): readonly GroupResult[] {
  const groups = new Set([...theirs.groups, ...ours.groups]);
  return [...groups].sort().map((group) => {
    const [left, right] = [theirs.group(group), ours.group(group)];
    const names = new Set([...left.keys(), ...right.keys()]);
    const known = new Set<string>();
    const differences = [...names]
      .map((name) => ({ group, name, theirs: left.get(name), ours: right.get(name) }))
      .filter((difference) => difference.theirs !== difference.ours)
      .filter((difference) => {
        const reason = knownDifferences.find((one) => one.covers(difference))?.reason;
        if (reason !== undefined) known.add(reason);
        return reason === undefined;
      });
    return { group, facts: names.size, differences, known };
  });
}
