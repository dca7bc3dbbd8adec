import { UsageError } from "../errors.ts";

/** Options that say how runs are followed. */
export interface FollowingOptions {
  /** Without growth for so many ms a run that has no end is stale. */
  readonly idle?: number | undefined;
  /** Complete stale runs, marked as broken off. */
  readonly finishStale?: true | undefined;
}

/** The same, where it is up to the user whether runs are followed. */
export interface MaybeFollowingOptions extends FollowingOptions {
  readonly follow?: true | undefined;
  readonly dryRun?: true | undefined;
  readonly id?: string | undefined;
}

/** `idle`, unless the user says otherwise. */
export const defaultIdle: number = 30 * 60 * 1000;

/** @throws {UsageError} for what cannot be meant together. */
export function refuseWrongFollowing(
  { follow, idle, finishStale, dryRun, id }: MaybeFollowingOptions,
): void {
  if (follow === undefined) {
    if (idle === undefined && finishStale === undefined) return;
    throw new UsageError("--idle and --finish-stale need --follow", {
      hint: "Add --follow if runs that are still written are to be followed to their end.",
    });
  }
  if (dryRun) {
    throw new UsageError("--follow cannot be tried with --dry-run", {
      hint: "Leave --follow out to see which runs there are.",
    });
  }
  if (id === "new") {
    throw new UsageError("--follow cannot give a new id", {
      hint: "A run that is followed is met again at its end; give it an id with --id ID.",
    });
  }
}
