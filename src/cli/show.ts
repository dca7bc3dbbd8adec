import { sources } from "../../adapters/mod.ts";
import { openRun } from "../sync/sync.ts";
import { gatherDetails } from "./details.ts";
import { findRun } from "./find.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";

/** Shows everything about one run and resolves to the exit code. */
export async function showCommand(
  shell: Shell,
  path: string,
  options: CommonOptions,
): Promise<number> {
  await using session = openSession(shell, options);
  const { reporter, progress, context } = session;
  const ref = await findRun(path, context, shell);
  await using reader = await openRun(ref, sources, context);
  const details = await gatherDetails(reader);
  await progress.aside(() => reporter.details(details));
  return 0;
}
