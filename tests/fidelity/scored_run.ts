import type { Json, JsonObject } from "../../src/model/json.ts";
import type { FixtureRun } from "../adapters/wandb/fixture_runs.ts";
import { expectedRow } from "../adapters/wandb/record_values.ts";
import { mediaIds } from "../adapters/wandb/truth_values.ts";
import type { StoredRun } from "./stored_run.ts";

/** A run that arrived, and what is known of it from other sides. */
export interface ScoredRun {
  /** The run's directories, in order of start. */
  readonly parts: readonly FixtureRun[];
  readonly stored: StoredRun;
  /** When each point happened in µs, as the host was told, by {@link pointName}. */
  readonly times: ReadonlyMap<string, bigint>;
}

/** A row of `log` that reached the disk. */
export interface LoggedRow {
  readonly part: FixtureRun;
  /** Where the host must have it. */
  readonly step: bigint;
  /** As the program logged it, in the spelling of truth.json. */
  readonly data: JsonObject;
  /** µs since epoch. */
  readonly time: bigint;
}

/** One name for a point of a key. */
export function pointName(key: string, step: bigint | string): string {
  return `${key} @ ${step}`;
}

/** A list of truth.json; none where the program did nothing of the kind. */
export function truthList(part: FixtureRun, name: string): readonly JsonObject[] {
  return (part.truth[name] ?? []) as readonly JsonObject[];
}

/** Whether a logged value holds media, however deep. */
export function holdsMedia(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  return mediaIds(value).length > 0 || Object.values(value).some(holdsMedia);
}

/** Cases whose last rows may never have reached the disk. */
export function isCut({ name }: FixtureRun): boolean {
  return /\/(?:crash|crash_early|crash_flush|orphan)(?:#|$)/.test(name);
}

/**
 * The rows that W&B's own reader finds, with what the program logged in them. A run that is resumed
 * offline counts from 0 again: its rows take the next free steps unless theirs are larger
 * (wandb-format §2.9).
 */
export function loggedRows({ parts }: ScoredRun): readonly LoggedRow[] {
  const rows: LoggedRow[] = [];
  for (const part of parts) {
    const times = new Map(
      part.records.filter((record) => Object.hasOwn(record, "history")).map((record) => {
        const { step, timestamp } = expectedRow(record["history"] as JsonObject);
        return [String(step), microseconds(timestamp)];
      }),
    );
    for (const { step, data } of truthList(part, "rows")) {
      const time = times.get(String(step));
      if (time === undefined && isCut(part)) continue;
      const own = BigInt(step as number);
      const next = (rows.at(-1)?.step ?? -1n) + 1n;
      const place = own > next ? own : next;
      rows.push({ part, step: place, data: data as JsonObject, time: time ?? -1n });
    }
  }
  return rows;
}

function microseconds(seconds: Json | undefined): bigint {
  return BigInt(Math.round(Number(seconds) * 1e6));
}
