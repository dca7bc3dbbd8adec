import type { Assurance, Loss, Remote, Tail } from "../adapter.ts";
import type { ErrorCode } from "../errors.ts";
import type { EventType } from "../model/event.ts";
import type { RunInfo } from "../model/run.ts";

/** Equal losses, counted together. */
export interface LossCount {
  readonly kind: Loss["kind"];
  readonly reason: string;
  readonly count: number;
  /** One of them, such as a key or a path. */
  readonly example?: string;
}

/** An error as reports show it. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** What became of one run at one destination. */
export interface Outcome {
  /** Absolute path of the run. */
  readonly path: string;
  /** Absent when no source recognised the path. */
  readonly source?: string;
  /** Absent when the run could not be opened. */
  readonly info?: RunInfo;
  readonly destination: string;
  readonly remote?: Remote;
  /**
   * `done`: everything arrived, announced losses aside. `partial`: the source is damaged or
   * something was rejected. `failed`: nothing can be said to have arrived. `skipped`: it was there.
   */
  readonly status: "done" | "partial" | "failed" | "skipped";
  /** Events read, by type. */
  readonly events: { readonly [type in EventType]?: number };
  /** Events left out because the user said so (`--no-console` …), by type. */
  readonly excluded: { readonly [type in EventType]?: number };
  /** Events newly delivered. */
  readonly sent: number;
  /** Events that the destination had already. */
  readonly present: number;
  readonly losses: readonly LossCount[];
  /** Damaged places that reading went past. */
  readonly gaps: number;
  /** Where the log ends early. */
  readonly tail?: Tail;
  readonly assurance: Assurance;
  readonly differences: readonly string[];
  /** Scalar values in history and system events, and media items. */
  readonly points: number;
  readonly files: number;
  /** Size of the run directory in bytes. */
  readonly bytes: number;
  /** Set when nothing was done because the user only asked what would be. */
  readonly planned?: boolean;
  /** Set when a run that was followed stopped growing without an end, so that it was left as it is. */
  readonly stale?: boolean;
  /** Whether the run directory was deleted, or moved to `trash`. */
  readonly cleaned: boolean;
  /** Why it was not, in full sentences, though that was asked for. */
  readonly kept?: readonly string[];
  readonly trash?: string;
  /** Set when the mark is there by which tools of the tracker know that the run was uploaded. */
  readonly marked?: boolean;
  readonly seconds: number;
  readonly error?: ErrorReport;
}

/** The totals of a whole command. */
export interface Totals {
  readonly runs: number;
  readonly done: number;
  readonly partial: number;
  readonly failed: number;
  readonly skipped: number;
  readonly points: number;
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
}
