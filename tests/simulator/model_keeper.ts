import type { Buffer } from "node:buffer";
import type { RunEvent } from "../../src/model/event.ts";
import type { Tally } from "../../src/model/tally.ts";

/** A run as it is kept. */
export interface Kept {
  readonly stamp: string;
  readonly events: readonly RunEvent[];
  readonly files: ReadonlyMap<string, Buffer>;
  /** What was announced at the end; undefined when something could not be read. */
  readonly tally: Tally | undefined;
}

/** A place that keeps runs as they are, each as a whole, by path. */
export type ModelKeeper = Map<string, Kept>;
