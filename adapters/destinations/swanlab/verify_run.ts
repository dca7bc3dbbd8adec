import type { Assurance, Verdict } from "../../../src/adapter.ts";
import type { Collector } from "./collector.ts";
import type { Ending } from "./mapping/outbox.ts";
import { objectDifferences } from "./object_check.ts";
import { readLog } from "./read_log.ts";
import { readMedia } from "./read_media.ts";
import { readSavedFiles } from "./read_saved_files.ts";
import { readScalars } from "./read_scalars.ts";
import { findRun, type RemoteRun } from "./remote_run.ts";
import type { RunPlace } from "./run_place.ts";
import { isLatest, isOwn, profileDifferences } from "./run_profile.ts";
import type { SavedResult } from "./saved_files.ts";
import type { Series } from "./series.ts";
import { type Difference, seriesDifference } from "./series_tally.ts";
import type { StepSet } from "./step_set.ts";
import type { WriterOptions } from "./writer_options.ts";

/** What should be at the host. */
export interface Expected {
  readonly options: WriterOptions;
  /** Where the run is; undefined when it is not there. */
  readonly place: RunPlace | undefined;
  readonly collector: Collector;
  /** Undefined when the saved files were not read. */
  readonly saved: SavedResult | undefined;
  /** Whether something was sent just now, which hosts take a while to store. */
  readonly fresh: boolean;
  /** Whether the run was made just now, so that nothing else is there. */
  readonly whole: boolean;
}

/** ms that a host gets to store what it accepted. */
const patience = 60_000;
/** ms that a host gets to which nothing was sent just now. */
const shortPatience = 2_000;
/** Differences beyond these are only counted. */
const mostNamed = 20;

/** What one kind of data came to. */
interface Check {
  readonly differences: readonly Difference[];
  readonly assurance: Assurance;
}

/**
 * Compares what a host really holds of a run with what it should, until it is equal or the host had
 * time enough: storing is asynchronous.
 */
export async function verifyRun(expected: Expected): Promise<Verdict> {
  const { place, fresh, options: { context, id, session } } = expected;
  if (place === undefined) {
    const differences = [`There is no run ${id} at ${session.host.name}.`];
    return { assurance: "none", differences };
  }
  const end = context.now() + (fresh ? patience : shortPatience);
  let open = checks(expected, place, true);
  let assurance: Assurance = expected.options.exact ? "exact" : "counted";
  for (let wait = 200;; wait = Math.min(5_000, wait * 2)) {
    const results = await Promise.all(
      open.map(async (check) => ({ check, result: await check() })),
    );
    for (const { result } of results) assurance = weaker(assurance, result.assurance);
    const failed = results.filter(({ result }) => result.differences.length > 0);
    if (failed.length === 0) return { assurance, differences: [] };
    const differing = failed.flatMap(({ result }) => result.differences);
    if (context.now() + wait > end || !differing.some(({ missing }) => missing)) {
      const differences = differing.map(({ text }) => text);
      return {
        assurance: "none",
        differences: named([...await unshown(expected, place), ...differences]),
      };
    }
    await context.wait(wait);
    open = failed.map(({ check }) => check);
  }
}

type RunCheck = () => Promise<Check>;

function checks(expected: Expected, place: RunPlace, bounded: boolean): readonly RunCheck[] {
  const { collector } = expected;
  const scalars = collector.all.filter(({ column, expected }) =>
    column.type === "FLOAT" && expected.steps.size > 0
  );
  const media = collector.all.filter(({ column }) => column.type !== "FLOAT");
  return [
    () => checkScalars(expected, place, scalars, bounded),
    () => checkMedia(expected, place, media, bounded),
    () => checkLog(expected, place, bounded),
    () => checkRun(expected, place),
    () => checkFiles(expected, place),
  ];
}

async function checkScalars(
  { whole }: Expected,
  place: RunPlace,
  all: readonly Series[],
  bounded: boolean,
): Promise<Check> {
  if (all.length === 0) return equal;
  const keys = all.map(({ column }) => column.key);
  const held = await readScalars(place, { keys, bounded, only: stepsOf(all) });
  if (held === undefined) return unknown;
  return checkOf(
    all.map(({ column: { key }, expected }) =>
      seriesDifference(`Metric ${JSON.stringify(key)}`, expected, held.get(key), whole)
    ),
  );
}

async function checkMedia(
  { collector, options, whole }: Expected,
  place: RunPlace,
  all: readonly Series[],
  bounded: boolean,
): Promise<Check> {
  const filled = all.filter(({ expected, unread }) => expected.steps.size + unread.size > 0);
  if (filled.length === 0) return equal;
  const keys = filled.map(({ column }) => column.key);
  const held = await readMedia(place, { keys, bounded });
  if (held === undefined) return unknown;
  const differences = filled.flatMap(({ column: { key }, expected, unread }) => {
    const name = `Media ${JSON.stringify(key)}`;
    const found = held.get(key);
    const [missing] = found === undefined ? [...unread] : unread.missingIn(found.tally.steps, 1);
    return [
      missing === undefined ? undefined : absent(`${name}: step ${missing} is missing.`),
      expected.steps.size === 0
        ? undefined
        : seriesDifference(name, expected, found?.tallyOf(expected.steps), whole),
    ];
  });
  const check = checkOf(differences);
  if (check.differences.length > 0 || !options.exact) return check;
  return checkOf(await objectDifferences(place, collector.contents));
}

async function checkLog(
  { collector: { lines }, whole }: Expected,
  place: RunPlace,
  bounded: boolean,
): Promise<Check> {
  if (lines.steps.size === 0) return equal;
  const held = await readLog(place, { bounded, only: lines.steps });
  if (held === undefined) return unknown;
  return checkOf([seriesDifference("The log", lines, held, whole)]);
}

async function checkRun(
  { collector, options: { session, segment }, whole }: Expected,
  { project, run: { id } }: RunPlace,
): Promise<Check> {
  const run = await findRun(session, project, id);
  if (run === undefined || Object.keys(run.profile).length === 0) return unknown;
  if (!isLatest(run, segment)) return equal;
  const isOurs = whole || isOwn(run);
  const differences = [
    ...profileDifferences(collector.description, run, isOurs),
    ...(isOurs ? endDifferences(collector.end, run) : []),
  ];
  return checkOf(differences.map(absent));
}

/** How the end that a host tells of a run differs from what was delivered. */
function endDifferences(end: Ending | undefined, { state }: RemoteRun): readonly string[] {
  if (end === undefined || state === undefined || state === end.state) return [];
  return [`The run is ${end.state}, and is held as ${state}.`];
}

async function checkFiles({ saved }: Expected, place: RunPlace): Promise<Check> {
  if (saved === undefined || saved.contents.size === 0) return equal;
  const held = await readSavedFiles(place);
  // What was put was answered with its hash, which is all that other hosts tell.
  if (held === undefined) return { differences: [], assurance: "counted" };
  const lost = new Set(saved.losses.map(({ example }) => example));
  return checkOf([...saved.contents].map(([path, { size, md5, sha256 }]) => {
    if (lost.has(path)) return undefined;
    const name = `File ${JSON.stringify(path)}`;
    const found = held.get(path);
    if (found === undefined) return absent(`${name} is not held.`);
    if (found.size !== size) {
      return wrong(`${name}: ${size} bytes were delivered, ${found.size} are held.`);
    }
    const same = found.sha256 === undefined ? found.md5 === md5 : found.sha256 === sha256;
    return same ? undefined : wrong(`${name}: the content held is not the one delivered.`);
  }));
}

/** Whether what seems to be missing is there, but older than the run and so never shown. */
async function unshown(expected: Expected, place: RunPlace): Promise<readonly string[]> {
  if (place.run.createdAt === undefined) return [];
  const shown = await Promise.all(
    checks(expected, place, true).slice(0, 3).map((check) => check()),
  );
  const stored = await Promise.all(
    checks(expected, place, false).slice(0, 3).map((check) => check()),
  );
  const hidden = stored.some(({ differences }, at) =>
    differences.length === 0 && (shown[at]?.differences.length ?? 0) > 0
  );
  return hidden
    ? ["The host has accepted points that it does not show: they are older than the run there."]
    : [];
}

function stepsOf(all: readonly Series[]): ReadonlyMap<string, StepSet> {
  return new Map(all.map(({ column, expected }) => [column.key, expected.steps] as const));
}

const equal: Check = { differences: [], assurance: "exact" };
const unknown: Check = { differences: [], assurance: "accepted" };

function absent(text: string): Difference {
  return { text, missing: true };
}

function wrong(text: string): Difference {
  return { text, missing: false };
}

function checkOf(differences: readonly (Difference | undefined)[]): Check {
  return {
    differences: differences.filter((difference) => difference !== undefined),
    assurance: "exact",
  };
}

const order: readonly Assurance[] = ["none", "accepted", "counted", "exact"];

function weaker(left: Assurance, right: Assurance): Assurance {
  return order.indexOf(left) <= order.indexOf(right) ? left : right;
}

function named(differences: readonly string[]): readonly string[] {
  const more = differences.length - mostNamed;
  if (more <= 0) return differences;
  return [...differences.slice(0, mostNamed), `And ${more} more differences.`];
}
