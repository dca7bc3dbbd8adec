/**
 * A file that belongs to a run. `path` is relative to the run directory with `/` between its
 * parts; an absolute path names a file outside it, which readers open only when the user allowed
 * that (`--follow-outside`).
 */
export interface FileRef {
  readonly path: string;
  /** Size in bytes, as recorded or as found. */
  readonly bytes?: number;
  /** SHA-256 of the content as 64 hex digits, where the tracker recorded one. */
  readonly sha256?: string;
}

/** One entry of the run directory as it lies on disk. */
export interface SourceEntry {
  /** Relative to the run directory, `/` between its parts. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "other";
  /** Size in bytes; 0 for anything but a file. */
  readonly bytes: number;
  /** Modification time in ms since epoch. */
  readonly modified: number;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  /** Where a link points, unresolved. */
  readonly target?: string;
}
