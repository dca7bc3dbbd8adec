import type { LosslessValue } from "../../../src/codec/lossless_json.ts";
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
  const add = (page: readonly HeldLine[]): number => addPage(page, all, tally);
  // Whether a level stands for itself or for all above it too is not documented.
  const read = await Promise.all(
    ["INFO", "WARN", "ERROR"].map((level) => readLevel(place, { level, bounded }, add)),
  );
  return read.includes(false) ? undefined : tally;
}

/**
 * Reads all pages of a level. What their offset counts is not documented: rows, the numbers of
 * lines, or pages; so the next page is looked for at each until one has lines that no page had.
 * False for a host that cannot be asked.
 */
async function readLevel(
  place: RunPlace,
  question: Omit<Page, "offset">,
  add: (page: readonly HeldLine[]) => number,
): Promise<boolean> {
  let rows = 0;
  let last = 0;
  for (let pages = 0;; pages++) {
    let fresh: readonly HeldLine[] = [];
    let count = 0;
    for (const offset of new Set([rows, last, pages])) {
      const page = await readPage(place, { ...question, offset });
      if (page === undefined) return false;
      count = page.count;
      if (add(page.lines) > 0) fresh = page.lines;
      if (fresh.length > 0) break;
    }
    if (fresh.length === 0) return true;
    rows += fresh.length;
    for (const { epoch } of fresh) last = Math.max(last, epoch);
    if (fresh.length < pageLines && rows >= count) return true;
  }
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

/** Lines that a host gave at once. */
interface HeldPage {
  readonly lines: readonly HeldLine[];
  /** How many lines there are in all, or at least; 0 where the host does not tell. */
  readonly count: number;
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
): Promise<HeldPage | undefined> {
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
  const { logs, count } = objectOf(reply.value);
  // A host may say null for no lines; one that says nothing at all does not know the question.
  if (notOffered.includes(reply.status) || logs === undefined) return undefined;
  return { lines: arrayOf(logs).map(readLine), count: numberOf(count) ?? 0 };
}

function readLine(value: LosslessValue): HeldLine {
  const { epoch, message, timestamp } = objectOf(value);
  return {
    epoch: numberOf(epoch) ?? -1,
    time: numberOf(timestamp) ?? Date.parse(String(timestamp)),
    message: typeof message === "string" ? message : "",
  };
}
