import { systemCode, ToolError } from "../errors.ts";
import type { HeldJournal } from "./clean.ts";
import { Journal } from "./journal.ts";
import type { JournaledRun, Journals } from "./journals.ts";

/**
 * Locks the journal of a run and a destination; undefined where journals cannot be written. What
 * cannot be remembered is an error here, since more than time depends on it.
 * @throws {LockedError} when another process has it.
 */
export async function holdJournal(
  journals: Journals,
  run: JournaledRun,
  destination: string,
): Promise<HeldJournal | undefined> {
  const lock = await journals.lock(run, destination);
  if (lock === undefined) return undefined;
  try {
    const { path } = await journals.journal(run, destination);
    const journal = await Journal.open(path, (write) => strictly(run, path, write));
    return {
      state: journal.state,
      append: (entry) => journal.append(entry),
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function strictly(
  { path }: JournaledRun,
  journal: string,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new ToolError(
      "config",
      `Cannot delete ${path}: that cannot be remembered in ${journal} (${code})`,
      { hint: "Name a directory that can be written with --state.", cause: error },
    );
  }
}
