import { arrayOf, numberOf, objectOf } from "./json_reply.ts";
import { notOffered, type RunPlace, timeBound } from "./run_place.ts";
import { SeriesTally } from "./series_tally.ts";
import { StepSet } from "./step_set.ts";

/** Lines of one answer, as the official client asks for them (swanlab-api §8.3). */
const pageLines = 1000;

/** Which lines are wanted. */
export interface LogQuestion {
  /** Whether only lines since the run was made count. */
  readonly bounded?: boolean;
  /** The numbers of the lines that count; all where none are given. */
  readonly only?: StepSet;
}

/** Every line of the log that a host has; undefined for a host that cannot be asked. */
export async function readLog(
  place: RunPlace,
  { bounded = true, only }: LogQuestion = {},
): Promise<SeriesTally | undefined> {
  const tally = new SeriesTally(only);
  const all = new StepSet();
  // Whether a level stands for itself or for all above it too is not documented.
  for (const level of ["INFO", "WARN", "ERROR"]) {
    for (let pages = 0, offset = 0;; pages++) {
      const page = await readPage(place, { level, offset, bounded });
      if (page === undefined) return undefined;
      let fresh = addPage(page, all, tally);
      // Nor is whether the offset counts lines or pages.
      if (fresh === 0 && pages > 0 && offset > pages) {
        fresh = addPage(
          await readPage(place, { level, offset: pages, bounded }) ?? [],
          all,
          tally,
        );
      }
      if (fresh === 0 || page.length > 0 && page.length < pageLines) break;
      offset = Math.max(offset, ...page.map(({ epoch }) => epoch));
    }
  }
  return tally;
}

/** Adds the lines that no page before had; a line that one page has twice is counted as doubled. */
function addPage(page: readonly HeldLine[], all: StepSet, tally: SeriesTally): number {
  const inPage = new Set<number>();
  let fresh = 0;
  for (const { epoch, time, message } of page) {
    if (!all.add(epoch) && !inPage.has(epoch)) continue;
    if (!inPage.has(epoch)) fresh++;
    inPage.add(epoch);
    tally.addText(epoch, time, message);
  }
  return fresh;
}

/** One line as a host gives it back. */
interface HeldLine {
  readonly epoch: number;
  /** ms since epoch; NaN where the host does not tell. */
  readonly time: number;
  readonly message: string;
}

/** Which page is wanted. */
interface Page {
  readonly level: string;
  readonly offset: number;
  readonly bounded: boolean;
}

async function readPage(
  place: RunPlace,
  { level, offset, bounded }: Page,
): Promise<readonly HeldLine[] | undefined> {
  const { session, project, run } = place;
  const { createdAt } = timeBound(place, bounded);
  const query = new URLSearchParams({
    projectId: project.id,
    experimentId: run.id,
    size: String(pageLines),
    epoch: String(offset),
    level,
    ...(createdAt === undefined ? {} : { createdAt: String(createdAt) }),
  });
  const reply = await session.call({
    method: "GET",
    path: `/house/metrics/log?${query}`,
    what: `read back the log of the run ${run.id}`,
    accept: notOffered,
  });
  if (notOffered.includes(reply.status)) return undefined;
  return arrayOf(objectOf(reply.value)["logs"]).map((value) => {
    const line = objectOf(value);
    const { epoch, message, timestamp } = line;
    const time = numberOf(timestamp) ?? Date.parse(String(timestamp));
    return {
      epoch: numberOf(epoch) ?? -1,
      time,
      message: typeof message === "string" ? message : "",
    };
  });
}
