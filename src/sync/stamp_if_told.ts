import type { RunFiles } from "../adapter.ts";
import { SourceError } from "../errors.ts";

/** The state of a run directory; undefined where it cannot be told. */
export async function stampIfTold(run: RunFiles): Promise<string | undefined> {
  try {
    return await run.stamp();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}
