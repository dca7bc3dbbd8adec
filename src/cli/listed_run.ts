import type { Assurance, Context, Destination, RunReader } from "../adapter.ts";
import { inspect, type Inspection } from "../sync/inspect.ts";
import type { JournalState } from "../sync/journal.ts";
import type { Journals } from "../sync/journals.ts";
import { stampIfTold } from "../sync/stamp_if_told.ts";

/** How far a run has come at a destination. */
export interface Synced {
  readonly destination: string;
  /**
   * `partly`: some of it, or all of what it was once. `complete`: the destination said so.
   * `verified`: it was compared. `cleaned`: and the run directory was deleted.
   */
  readonly state: "never" | "partly" | "complete" | "verified" | "cleaned";
  /** What the run is called there. */
  readonly id?: string;
  readonly assurance: Assurance;
  /** When that was found, in ms since epoch; absent when the destination was asked just now. */
  readonly at?: number;
  /** How many of the run's points are there. */
  readonly points?: number;
}

/** A run as `ls` tells of it. */
export interface ListedRun {
  readonly inspection: Inspection;
  /** Where it is, as journals and the destinations that were asked tell; also where it is not. */
  readonly synced: readonly Synced[];
}

/** Who is asked where runs are. */
export interface Witnesses {
  readonly journals: Journals;
  /** Those that the user names; they are asked where the journal does not know all of a run there. */
  readonly destinations: readonly Destination[];
  readonly context: Context;
}

/** Reads a run to its end, and what is known of where it was synced. Changes nothing. */
export async function readListedRun(
  reader: RunReader,
  { journals, destinations, context }: Witnesses,
): Promise<ListedRun> {
  const stamp = await stampIfTold(reader);
  const inspection = await inspect(reader);
  const known = await journals.known(reader.info);
  const synced: Synced[] = [];
  for (const destination of destinations) {
    const told = journaled(destination.name, known.get(destination.name) ?? {}, stamp);
    const isSure = told?.state === "verified" || told?.state === "cleaned";
    const asked = isSure ? undefined : await ask(reader, destination, context);
    synced.push(asked ?? told ?? none(destination.name));
  }
  if (destinations.length > 0) return { inspection, synced };
  for (const [name, state] of known) {
    const told = journaled(name, state, stamp);
    if (told !== undefined) synced.push(told);
  }
  return { inspection, synced };
}

function none(destination: string): Synced {
  return { destination, state: "never", assurance: "none" };
}

/** Whether a destination says that it holds this very state of a run. */
async function ask(
  reader: RunReader,
  destination: Destination,
  context: Context,
): Promise<Synced | undefined> {
  await using writer = await destination.open(reader, reader.info.id, undefined, context);
  if (writer.held === undefined) return undefined;
  const { name } = destination;
  return { destination: name, state: "complete", id: writer.remote.id, assurance: "accepted" };
}

/** What a journal tells of a run whose state is `stamp` now. */
function journaled(
  destination: string,
  { opened, acknowledged, finished, verified, cleaned }: JournalState,
  stamp: string | undefined,
): Synced | undefined {
  if (opened === undefined) return undefined;
  const { id } = (verified ?? finished ?? opened).remote;
  const common = { destination, id };
  const last = verified ?? finished ?? acknowledged ?? opened;
  const points = acknowledged?.points ?? verified?.points ?? 0;
  const isNow = stamp !== undefined && (verified ?? opened).stamp === stamp;
  if (!isNow || finished === undefined && verified === undefined) {
    return { ...common, state: "partly", assurance: "none", at: last.at, points };
  }
  if (verified === undefined) {
    return { ...common, state: "complete", assurance: "accepted", at: last.at, points };
  }
  if (verified.differences > 0) {
    return { ...common, state: "partly", assurance: "none", at: verified.at };
  }
  const isCleaned = cleaned?.state === "done" && cleaned.at >= verified.at;
  const { at, assurance } = verified;
  return { ...common, state: isCleaned ? "cleaned" : "verified", assurance, at, points };
}
