import type { ErrorReport, Outcome, Totals } from "../sync/outcome.ts";
import type { ListedRun } from "./listed_run.ts";
import type { RunDetails } from "./details.ts";

/** Tells the user what came out, in one form: text for people, JSON Lines for programs. */
export interface Reporter {
  /** What became of one run at one destination. */
  outcome(outcome: Outcome): Promise<void>;
  /** The last word of a command over many runs. */
  summary(totals: Totals, exit: number): Promise<void>;
  /** One run that `ls` found and read. */
  listed(run: ListedRun): Promise<void>;
  /** Something that `ls` could not read. */
  unreadable(path: string, error: ErrorReport): Promise<void>;
  /** The end of the list. */
  listEnded(): Promise<void>;
  /** Everything about one run. */
  details(details: RunDetails): Promise<void>;
  /** Why the command as a whole cannot be done. */
  failure(error: ErrorReport): Promise<void>;
}
