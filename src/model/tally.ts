import type { EventType } from "./event.ts";
import type { Integer, Json } from "./json.ts";

/** What is known of one key's points, to compare with what a destination holds. */
export interface MetricTally {
  readonly points: number;
  readonly firstStep: Integer;
  readonly lastStep: Integer;
  readonly last: Json;
  /** Hash of all (step, time, value) of this key; the order of the points does not matter. */
  readonly digest: string;
}

/** What is known of a file that belongs to the run. */
export interface FileTally {
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/**
 * The sum of what was delivered: enough to tell, key by key, whether a destination holds the same.
 */
export interface Tally {
  /** Number of events by type; the sum is the number of the next `seq`. */
  readonly events: { readonly [type in EventType]?: number };
  /** History and media points by key. */
  readonly metrics: { readonly [key: string]: MetricTally };
  /** Points of the tracker's own monitoring by key. */
  readonly system: { readonly [key: string]: MetricTally };
  readonly console: { readonly lines: number; readonly digest: string };
  /** By path, as events name them. */
  readonly files: { readonly [path: string]: FileTally };
  /** Hash of every event in order; equal means the same stream. */
  readonly digest: string;
}
