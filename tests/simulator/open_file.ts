import type { Node } from "./model_disk.ts";

/** A file or directory that a process has open. */
export interface OpenFile {
  readonly node: Node;
  /** What it was called then. */
  readonly path: string;
  /** Whether it may be written, and if so, whether always at the end. */
  readonly mode: "read" | "write" | "append";
  position: number;
}
