import { TransientError } from "../../../src/errors.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import { isAfter } from "./siblings.ts";

/**
 * Parts of runs that broke off on their way. What comes behind such a part has no place yet: it would
 * take the steps and lines of what is still missing.
 */
export class BrokenParts {
  readonly #parts = new Map<string, Map<string, RunInfo>>();

  /** Notes whether a part of a run arrived as far as it was read. */
  note(run: string, info: RunInfo, broken: boolean): void {
    const parts = this.#parts.get(run) ?? new Map<string, RunInfo>();
    if (broken) parts.set(info.path, info);
    else parts.delete(info.path);
    this.#parts.set(run, parts);
  }

  /**
   * Makes sure that a new part of a run comes behind nothing that broke off.
   * @throws {TransientError} when it would.
   */
  refuseBehind(run: string, info: RunInfo): void {
    const [before] = [...this.#parts.get(run)?.values() ?? []]
      .filter((part) => part.path !== info.path && isAfter(info, part));
    if (before === undefined) return;
    throw new TransientError(
      `Cannot send ${info.path} yet: ${before.path}, an earlier part of its run, broke off`,
      { hint: "Run the same command again: the parts of a run arrive in their order." },
    );
  }
}
