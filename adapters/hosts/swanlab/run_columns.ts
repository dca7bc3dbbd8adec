import type { SeriesRecord } from "./catalog.ts";
import type { ColumnRecord } from "./run_details.ts";
import type { StoredRun } from "./stored_run.ts";

/** What is declared of a run's keys, by key: by the run itself, else by its project. */
export function runColumns(
  run: StoredRun,
  series: ReadonlyMap<string, SeriesRecord>,
): ReadonlyMap<string, ColumnRecord> {
  const columns = new Map<string, ColumnRecord>();
  for (const key of [...run.scalars.keys, ...run.details.mediaSteps.keys()]) {
    const declared = series.get(key);
    if (declared !== undefined) columns.set(key, declared);
  }
  for (const [key, column] of run.details.columns) columns.set(key, column);
  return columns;
}

/** Whether a key was monitored, not logged. Official clients name such keys alike. */
export function isSystem(column: ColumnRecord | undefined, key: string): boolean {
  return column?.type === "SYSTEM" || column?.["class"] === "SYSTEM" ||
    key.startsWith("__swanlab__.");
}
