import { archive } from "../../adapters/destinations/archive/destination.ts";
import manifest from "../../package.json" with { type: "json" };
import type { RunReader } from "../adapter.ts";
import { ToolError } from "../errors.ts";
import { transfer } from "../sync/transfer.ts";
import { makeContext } from "./context.ts";
import { ProgressDisplay } from "./progress.ts";
import type { Shell } from "./shell.ts";

/**
 * How runs get into the archive at a path: as `runferry sync` does it, read back and compared. The
 * function that is returned throws a ToolError when a run did not arrive there whole.
 */
export function sealRunsIn(shell: Shell, path: string): (run: RunReader) => Promise<void> {
  const tool = `runferry ${manifest.version}`;
  const destination = archive(path, { keepSource: false, tool });
  // A host that is asked to end still finishes the runs that have ended.
  const patient = { ...shell, signal: new AbortController().signal };
  const context = makeContext(patient, false, () => {});
  const progress = new ProgressDisplay(shell.stderr, "off", () => shell.now());
  return async (run) => {
    const [outcome] = await transfer(run, [destination], {
      excluded: { console: false, media: false },
      recheck: false,
      context,
      progress,
    });
    const error = outcome?.error;
    if (error !== undefined) throw new ToolError(error.code, error.message, error);
  };
}
