import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { type Reading, readRun } from "./fixture_runs.ts";
import { exit, type Files, run, writeRun } from "./log_writer.ts";

/** What reading a run with these records, after a run record and before the end, gives. */
export function readMade(records: readonly Uint8Array[], files: Files = {}): Promise<Reading> {
  return inScratch((directory) =>
    readRun(writeRun(directory, [run("made"), ...records, exit], files), testContext())
  );
}
