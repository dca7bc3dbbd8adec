import type { Writer } from "./event.ts";

/** A run that was found on disk, not read yet. */
export interface RunRef {
  /** Name of the source adapter that knows how to read it. */
  readonly source: string;
  /** Absolute path of the run directory, or of the lone file that holds the run. */
  readonly path: string;
  /** Absolute path of the log inside it, where there is one. */
  readonly log?: string;
  /**
   * Absolute path of the empty file by which the tracker's own tools know that the run was uploaded,
   * whether it is there or not; where they know such a file.
   */
  readonly mark?: string;
}

/** What is known of a run once it is open. */
export interface RunInfo {
  /** Name of the source adapter. */
  readonly source: string;
  /** Absolute path of the run directory or file. */
  readonly path: string;
  /** Base name of the run directory (or of the file, without its ending): names the archive. */
  readonly directory: string;
  readonly id: string;
  readonly name?: string;
  readonly project?: string;
  readonly workspace?: string;
  /** ms since epoch. */
  readonly startedAt?: number;
  /**
   * Hash of the beginning of its log, where there is one of some length: equal for copies, also for
   * one that has grown since, and different for directories that are only named alike.
   */
  readonly beginning?: string;
  readonly writer: Writer;
}
