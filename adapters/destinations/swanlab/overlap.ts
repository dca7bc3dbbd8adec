import type { Loss } from "../../../src/adapter.ts";
import type { StepGroup, Steps } from "./step_groups.ts";
import { inGroups, stepsIn } from "./step_groups.ts";
import { StepSet } from "./step_set.ts";

/**
 * Which value counts where two parts of a run have one for the same key and step: that of the part
 * that began last, or first; or none, because such parts are not sent.
 */
export type OverlapRule = "last" | "first" | "error";

/** Steps by key. */
export type KeySteps = ReadonlyMap<string, Steps>;

/** What is known of the other parts of a run before one of them is read. */
export interface OverlapOptions {
  readonly rule: OverlapRule;
  /**
   * Points at the host that belong to parts that began earlier, or later; in both where nobody
   * knows.
   */
  readonly earlier: KeySteps;
  readonly later: KeySteps;
  /** Points of later parts that are about to be sent. */
  readonly coming?: KeySteps;
  /** Whether the host has heard of this part, so that whatever else it has is of this part. */
  readonly known: boolean;
}

/** Decides which points of a part count: hosts keep the first value that they get. */
export class Overlap {
  readonly #options: OverlapOptions;
  /** What was left to parts that are about to be sent. */
  readonly #left = new Map<string, StepSet>();

  constructor(options: OverlapOptions) {
    this.#options = options;
  }

  /** What concerns one key, of which the host has `held`; undefined where nothing does. */
  of(key: string, held: Steps | undefined): KeyOverlap | undefined {
    const { rule, known } = this.#options;
    const [earlier, later] = [this.#options.earlier.get(key), this.#options.later.get(key)];
    const coming = this.#options.coming?.get(key);
    if (earlier === undefined && later === undefined && coming === undefined) return undefined;
    const left = new StepSet();
    this.#left.set(key, left);
    return new KeyOverlap(rule, { earlier, later, coming, own: known ? held : undefined, left });
  }

  /** Whether anything was left to parts that are about to be sent, which has to be remembered. */
  get hasLeft(): boolean {
    return [...this.#left.values()].some(({ size }) => size > 0);
  }

  /**
   * What to remember of it, so that the same is decided when the other parts are gone; of what the
   * host had before this part, only steps from `from` on.
   */
  groups(from: number): { readonly [side in "earlier" | "later"]?: readonly StepGroup[] } {
    const least = this.#options.known ? -Infinity : from;
    const earlier = inGroups(this.#options.earlier, least);
    const later = inGroups(this.#leftTo(this.#options.later), least);
    return {
      ...(earlier.length === 0 ? {} : { earlier }),
      ...(later.length === 0 ? {} : { later }),
    };
  }

  /** What belongs to later parts, with what was left to those that are about to be sent. */
  #leftTo(later: KeySteps): KeySteps {
    const all = new Map(later);
    for (const [key, left] of this.#left) {
      if (left.size === 0) continue;
      const before = later.get(key);
      if (before !== undefined) { for (const step of stepsIn(before)) left.add(step); }
      all.set(key, left);
    }
    return all;
  }
}

/** What other parts have of one key. */
interface OtherSteps {
  readonly earlier: Steps | undefined;
  readonly later: Steps | undefined;
  readonly coming: Steps | undefined;
  /** What the host has of this part itself. */
  readonly own: Steps | undefined;
  /** Takes what is left to others. */
  readonly left: StepSet;
}

/** Why a point is left out. */
type Reason = Pick<Loss, "kind" | "reason">;

/** Decides about the points of one key. */
export class KeyOverlap {
  readonly #rule: OverlapRule;
  readonly #others: OtherSteps;

  constructor(rule: OverlapRule, others: OtherSteps) {
    this.#rule = rule;
    this.#others = others;
  }

  /** Why the value of this part at a step does not count; undefined when it does. */
  at(step: number): Reason | undefined {
    const { earlier, later, coming, own, left } = this.#others;
    const [isEarlier, isLater] = [earlier?.has(step) === true, later?.has(step) === true];
    const isComing = coming?.has(step) === true;
    if (this.#rule === "first") return isLater ? heldLater : isEarlier ? earlierCounts : undefined;
    if (isEarlier) return isComing ? laterCounts : heldEarlier;
    if (isLater) return laterCounts;
    if (!isComing || own?.has(step) === true) return undefined;
    left.add(step);
    return laterCounts;
  }
}

const laterCounts: Reason = {
  kind: "converted",
  reason: "a later part of the run has this step, and its value counts",
};

const earlierCounts: Reason = {
  kind: "converted",
  reason: "an earlier part of the run has this step, and its value counts",
};

/** Nobody can replace what a host has. */
const heldEarlier: Reason = {
  kind: "rejected",
  reason: "an earlier part of the run had this step at the host, which keeps its value",
};

const heldLater: Reason = {
  kind: "rejected",
  reason: "a later part of the run had this step at the host, which keeps its value",
};
