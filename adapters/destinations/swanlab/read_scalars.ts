import { Retry } from "../../../src/net/retry.ts";
import { AuthError, DestinationError, TransientError } from "../../../src/errors.ts";
import { readCsvPoints } from "./csv_points.ts";
import { arrayOf, objectOf, textOf } from "./json_reply.ts";
import { columnRefs, notOffered, parts, type RunPlace } from "./run_place.ts";
import { SeriesTally } from "./series_tally.ts";
import type { StepSet } from "./step_set.ts";
import { refusalError } from "./refusal.ts";

/** Keys of one export (swanlab-api §8.3). */
const mostKeys = 16;
/** Exports that are asked for side by side. */
const mostExports = 3;
/** Refusals of a signed address until they are believed: one may have come too late to be used. */
const mostRefusals = 3;

/** What is wanted of the points. */
export interface ScalarQuestion {
  readonly keys: readonly string[];
  /** Whether only what the host would show counts: points since the run was made. */
  readonly bounded?: boolean;
  /** The steps that count, by key; all where none are given. */
  readonly only?: ReadonlyMap<string, StepSet>;
}

/** Every point that a host has of some keys; undefined for a host that cannot export. */
export async function readScalars(
  place: RunPlace,
  { keys, bounded = true, only }: ScalarQuestion,
): Promise<ReadonlyMap<string, SeriesTally> | undefined> {
  const found = new Map<string, SeriesTally>();
  for (const turn of parts(parts(keys, mostKeys), mostExports)) {
    const answers = await Promise.all(turn.map((some) => readSome(place, some, bounded, only)));
    for (const answer of answers) {
      if (answer === undefined) return undefined;
      for (const [key, tally] of answer) found.set(key, tally);
    }
  }
  return found;
}

async function readSome(
  place: RunPlace,
  keys: readonly string[],
  bounded: boolean,
  only: ReadonlyMap<string, StepSet> | undefined,
): Promise<ReadonlyMap<string, SeriesTally> | undefined> {
  const retry = new Retry(place.session.context);
  for (let refusals = 0;;) {
    const url = await exportUrl(place, keys, bounded);
    if (url === undefined) return undefined;
    const tallies = keys.map((key) => new SeriesTally(only?.get(key)));
    try {
      await download(place, url, keys, tallies);
      return new Map(
        keys.map((key, at) => [key, tallies[at] as SeriesTally] as const)
          .filter(([, tally]) => tally.steps.size > 0),
      );
    } catch (error) {
      const refused = error instanceof DestinationError || error instanceof AuthError;
      const passing = refused && ++refusals < mostRefusals;
      if (!await retry.again(passing ? new TransientError(error.message) : error)) throw error;
    }
  }
}

/** The address of a table with all points; undefined for a host that cannot make one. */
async function exportUrl(
  place: RunPlace,
  keys: readonly string[],
  bounded: boolean,
): Promise<string | undefined> {
  const { session, project, run } = place;
  const what = `read back points of the run ${run.id}`;
  const made = await session.call({
    method: "POST",
    path: "/house/metrics/scalar/export",
    body: JSON.stringify({ projectId: project.id, columns: columnRefs(place, keys, bounded) }),
    what,
    accept: notOffered,
  });
  const file = textOf(objectOf(made.value)["cosKey"]);
  if (notOffered.includes(made.status) || file === undefined) return undefined;
  const given = await session.call({
    method: "POST",
    path: "/files/presigned/get",
    body: JSON.stringify({ paths: [file] }),
    what,
    accept: notOffered,
  });
  const url = textOf(arrayOf(objectOf(given.value)["urls"])[0]);
  return url === undefined ? undefined : session.absolute(url);
}

async function download(
  { session, run }: RunPlace,
  url: string,
  keys: readonly string[],
  tallies: readonly SeriesTally[],
): Promise<void> {
  const response = await session.client.send({ method: "GET", url });
  if (response.status !== 200) {
    const { status, reason } = response;
    await response.discard();
    const what = `read back points of the run ${run.id}`;
    const error = refusalError(what, session.host.name, { status, reason });
    throw status === 404 ? new TransientError(error.message) : error;
  }
  await readCsvPoints(response.stream(), keys, (column, step, time, value) => {
    (tallies[column] as SeriesTally).add(step, time, value);
  });
}
