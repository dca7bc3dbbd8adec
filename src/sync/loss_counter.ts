import type { Loss } from "../adapter.ts";
import type { LossCount } from "./outcome.ts";

/** Counts losses by kind and reason and keeps one example of each. */
export class LossCounter {
  readonly #counts = new Map<string, { loss: Loss; count: number }>();

  /** Counts these losses. */
  add(losses: readonly Loss[]): void {
    for (const loss of losses) {
      const name = `${loss.kind} ${loss.reason}`;
      const counted = this.#counts.get(name);
      if (counted === undefined) this.#counts.set(name, { loss, count: 1 });
      else counted.count++;
    }
  }

  /** Whether something did not arrive that should have: refused or cut. */
  get serious(): boolean {
    return !isLossless([...this.#counts.values()].map(({ loss }) => loss));
  }

  /** All counts, in the order in which their reasons came up. */
  result(): readonly LossCount[] {
    return [...this.#counts.values()].map(({ loss, count }) => ({
      kind: loss.kind,
      reason: loss.reason,
      count,
      ...(loss.example === undefined ? {} : { example: loss.example }),
    }));
  }
}

/** Whether nothing was refused or cut; a kind that is not known speaks against it. */
export function isLossless(losses: readonly Pick<Loss, "kind">[]): boolean {
  return losses.every(({ kind }) => kind === "unsupported" || kind === "converted");
}
