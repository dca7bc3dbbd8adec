import { hostname } from "node:os";
import { join } from "node:path";
import { namesIn } from "../files/names_in.ts";
import { isInside } from "../files/walk.ts";
import type { HeldJournal } from "./clean.ts";
import { holdJournal } from "./clean_hold.ts";
import { endLeftover } from "./clean_leftover.ts";
import { Journal } from "./journal.ts";
import type { CleanEntry, OpenEntry } from "./journal_entry.ts";
import type { Journals } from "./journals.ts";

/** What journals say of one cleaning that was not ended. */
interface Unended {
  readonly path: string;
  /** The furthest entry of all journals about it. */
  entry: CleanEntry;
  readonly openings: OpenEntry[];
}

/**
 * Ends what earlier processes of this machine began to clean below these places and did not end, and
 * returns the paths of the runs that are gone now.
 * @throws the first error, after all were tried: {LockedError} when another process works on one of
 * them, {SourceError} when one cannot be deleted or put back; the message tells where it is.
 */
export async function endLeftovers(
  journals: Journals,
  within: readonly string[],
): Promise<readonly string[]> {
  const gone: string[] = [];
  const failures: unknown[] = [];
  for (const left of await unended(journals, within)) {
    try {
      if (await end(journals, left)) gone.push(left.path);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return gone;
}

async function end(journals: Journals, { path, entry, openings }: Unended): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const held: HeldJournal[] = [];
  for (const opening of openings) {
    const journal = await holdJournal(journals, opening, opening.destination);
    if (journal !== undefined) held.push(stack.use(journal));
  }
  const tell = async (state: CleanEntry["state"]): Promise<void> => {
    const at = journals.options.now();
    for (const journal of held) await journal.append({ ...entry, at, state });
  };
  return held.length === openings.length && await endLeftover({ path, entry, tell });
}

async function unended(
  { options: { directory } }: Journals,
  within: readonly string[],
): Promise<Iterable<Unended>> {
  const found = new Map<string, Unended>();
  const runs = join(directory, "runs");
  for (const run of await namesIn(runs)) {
    for (const name of await namesIn(join(runs, run))) {
      if (!name.endsWith(".jsonl")) continue;
      const { state: { opened, cleaned } } = await Journal.open(
        join(runs, run, name),
        (write) => write(),
      );
      if (opened === undefined || cleaned === undefined || cleaned.state === "done") continue;
      const isOurs = opened.host === hostname() &&
        within.some((place) => isInside(opened.path, place));
      if (!isOurs) continue;
      const { trash } = cleaned;
      const known = found.get(trash) ?? { path: opened.path, entry: cleaned, openings: [] };
      if (cleaned.state === "condemned") known.entry = cleaned;
      known.openings.push(opened);
      found.set(trash, known);
    }
  }
  return found.values();
}
