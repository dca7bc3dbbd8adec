import type { Assurance, Context, Destination, RunReader } from "../adapter.ts";
import { inspect, type Inspection } from "../sync/inspect.ts";

/** A destination that says that it holds a run as it is now. */
export interface Synced {
  readonly destination: string;
  /** What the run is called there. */
  readonly id: string;
  readonly assurance: Assurance;
}

/** A run as `ls` tells of it. */
export interface ListedRun {
  readonly inspection: Inspection;
  /** Of the destinations that were asked, those that hold it. */
  readonly synced: readonly Synced[];
}

/** Reads a run to its end and asks the destinations whether they hold it. Changes nothing. */
export async function readListedRun(
  reader: RunReader,
  destinations: readonly Destination[],
  context: Context,
): Promise<ListedRun> {
  const inspection = await inspect(reader);
  const synced: Synced[] = [];
  for (const destination of destinations) {
    const { id } = inspection.info;
    await using writer = await destination.open(reader, id, undefined, context);
    if (writer.held === undefined) continue;
    synced.push({
      destination: destination.name,
      id: writer.remote.id,
      assurance: "accepted",
    });
  }
  return { inspection, synced };
}
