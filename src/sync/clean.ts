import { hostname } from "node:os";
import type { Assurance, Destination, RunReader } from "../adapter.ts";
import type { RunInfo, RunRef } from "../model/run.ts";
import { isAtLeast } from "./assurance.ts";
import { isInside } from "../files/walk.ts";
import { type CleanFacts, decide, type DestinationFacts } from "./clean_decision.ts";
import {
  type DirectoryFacts,
  type DirectoryState,
  directoryState,
  isAlone,
  isNamedAsRun,
  lookInto,
  stampOf,
} from "./clean_directory.ts";
import { isInUse } from "./clean_open_files.ts";
import { CleanWitness, type Seen } from "./clean_witness.ts";
import { areEqual, type CleanEntry, type OpenEntry } from "./journal_entry.ts";
import type { JournalState } from "./journal.ts";
import type { Outcome } from "./outcome.ts";
import { isLossless } from "./loss_counter.ts";
import { TappedReader } from "./tapped_reader.ts";
import { discard } from "./trash.ts";

/** What reading a run and comparing it with its destinations brought to light. */
export interface Proof {
  readonly ref: RunRef;
  readonly info: RunInfo;
  /** Before anything of it was read; undefined when it is no directory. */
  readonly before: DirectoryState | undefined;
  /** Undefined when it was not read to its end. */
  readonly seen: Seen | undefined;
  readonly directory: DirectoryFacts;
  readonly isCut: boolean;
  readonly outcomes: readonly Outcome[];
}

/** A journal that nobody else can write to until it is disposed. */
export interface HeldJournal extends AsyncDisposable {
  readonly state: JournalState;
  append(entry: CleanEntry): Promise<void>;
}

/** What may be deleted, and how. */
export interface CleanOptions {
  readonly destinations: readonly Destination[];
  /** What the user named: absolute and free of links. */
  readonly within: readonly string[];
  /** All runs that were found there. */
  readonly found: readonly RunRef[];
  /** The runs that stay because they are the newest; undefined when that cannot be told. */
  readonly newest: ReadonlySet<RunRef> | undefined;
  /** ms since the last change. */
  readonly minAge: number;
  /** Absolute path of a folder to move run directories to, instead of deleting them. */
  readonly trash?: string;
  /** Only tell what would be done. */
  readonly dryRun: boolean;
  /** ms since epoch. */
  now(): number;
  /**
   * Locks the journal of a run and a destination; undefined where journals cannot be written.
   * @throws {LockedError} when another process has it.
   */
  hold(info: RunInfo, destination: string): Promise<HeldJournal | undefined>;
}

/** What became of a run directory. */
export interface CleanResult {
  readonly cleaned: boolean;
  /** Whether it would have been, but for `dryRun`. */
  readonly planned: boolean;
  /** Why not, in full sentences. */
  readonly reasons: readonly string[];
  /** Where it was moved to, when that was asked for. */
  readonly trash?: string;
}

/** Lets `compare` read a run and compare it with its destinations, and keeps what comes out. */
export async function prove(
  ref: RunRef,
  reader: RunReader,
  compare: (reader: RunReader) => Promise<readonly Outcome[]>,
): Promise<Proof> {
  const before = await directoryState(ref.path);
  const witness = new CleanWitness();
  const outcomes = await compare(new TappedReader(reader, (events) => witness.watch(events)));
  const { seen, named } = witness;
  const directory = await lookInto(ref, named);
  const isCut = reader.tail !== undefined;
  return { ref, info: reader.info, before, seen, directory, isCut, outcomes };
}

/** Whether every destination compared what was read just now, as well as it has to. */
export function isCompared(
  { seen, outcomes }: Proof,
  destinations: readonly Destination[],
): boolean {
  return seen !== undefined &&
    outcomes.every(({ status, assurance }, at) =>
      status !== "skipped" && (assurance === "exact" || assurance === requiredOf(destinations[at]))
    );
}

/**
 * Deletes a run directory if all speaks for it, and tells what became of it.
 * @throws {LockedError} when another process works on the run.
 * @throws {SourceError} when the directory cannot be deleted; the message tells where it is.
 */
export async function clean(proof: Proof, options: CleanOptions): Promise<CleanResult> {
  await using stack = new AsyncDisposableStack();
  const journals: (HeldJournal | undefined)[] = [];
  for (const { name } of options.destinations) {
    const journal = await options.hold(proof.info, name);
    journals.push(journal === undefined ? undefined : stack.use(journal));
  }
  const decision = decide(await factsOf(proof, journals, options));
  if (!decision.clean) return { cleaned: false, planned: false, reasons: decision.reasons };
  if (options.dryRun) return { cleaned: false, planned: true, reasons: [] };
  const { trash } = options;
  const held = journals.filter((journal) => journal !== undefined);
  const target = await remove(proof, held, options);
  return {
    cleaned: true,
    planned: false,
    reasons: [],
    ...(trash === undefined ? {} : { trash: target }),
  };
}

async function remove(
  { ref: { path }, before }: Proof,
  journals: readonly HeldJournal[],
  { trash, now }: CleanOptions,
): Promise<string> {
  if (before === undefined) throw new Error(`${path} was never looked at`);
  const { identity, stamp } = before;
  const tell = async (state: CleanEntry["state"], target: string): Promise<void> => {
    const { inode } = identity;
    const entry = { type: "clean", at: now(), state, trash: target, inode, stamp } as const;
    for (const journal of journals) await journal.append(entry);
  };
  const target = await discard({
    path,
    identity,
    unchanged: async (at) => await stampOf(at) === stamp,
    announce: (target) => tell("announced", target),
    condemn: (target) => trash === undefined ? tell("condemned", target) : Promise.resolve(),
  }, trash === undefined ? {} : { trash });
  await tell("done", target);
  return target;
}

/** All that decides about a run, as it is at this moment. */
async function factsOf(
  proof: Proof,
  journals: readonly (HeldJournal | undefined)[],
  options: CleanOptions,
): Promise<CleanFacts> {
  const { ref, before, seen, isCut, outcomes } = proof;
  const { path } = ref;
  const { changedAt, accounted, single } = proof.directory;
  const now = await directoryState(path);
  const keepsSource = options.destinations.some(({ capabilities }) => capabilities.keepsSource);
  return {
    recognised: isNamedAsRun(path),
    plainDirectory: before !== undefined,
    inside: options.within.some((top) => isInside(path, top)),
    alone: single && isAlone(ref, options.found),
    finished: seen?.finished,
    undamaged: seen === undefined ? undefined : seen.gaps === 0 && !isCut,
    quiet: !await isInUse(path),
    unchanged: now !== undefined && before !== undefined && now.stamp === before.stamp &&
      now.identity.inode === before.identity.inode,
    nothingExcluded: nothingExcluded(outcomes, journals),
    accounted: keepsSource ? true : seen === undefined ? undefined : accounted,
    dispensable: options.newest === undefined ? undefined : !options.newest.has(ref),
    age: changedAt === undefined ? undefined : options.now() - changedAt,
    minAge: options.minAge,
    destinations: options.destinations.map((destination, at) =>
      destinationFacts(destination, proof, outcomes[at], journals[at]?.state)
    ),
  };
}

/** Whether neither this pass nor the one that delivered left something out. */
function nothingExcluded(
  outcomes: readonly Outcome[],
  journals: readonly (HeldJournal | undefined)[],
): boolean {
  // To also read what lies outside the directory leaves nothing out.
  const isWhole = (wishes: readonly string[] = []): boolean =>
    wishes.every((wish) => wish === "outside");
  return outcomes.every(({ excluded }) => Object.keys(excluded).length === 0) &&
    journals.every((journal) =>
      isWhole(journal?.state.opened?.wishes) && isWhole(journal?.state.verified?.wishes)
    );
}

function destinationFacts(
  destination: Destination,
  { seen, info }: Proof,
  outcome: Outcome | undefined,
  state: JournalState | undefined,
): DestinationFacts {
  const { opened, acknowledged, finished, verified } = state ?? {};
  const isOurs = outcome?.destination === destination.name;
  const isProven = isOurs && outcome.error === undefined && isAtLeast(outcome.assurance, "counted");
  return {
    name: destination.name,
    ownJournal: opened === undefined || !isAbout(opened, info, destination.name)
      ? undefined
      : opened.host === hostname(),
    locked: state !== undefined,
    acknowledged: seen === undefined || acknowledged === undefined || finished === undefined
      ? undefined
      : acknowledged.through === seen.events - 1 && sum(finished.events) === seen.events,
    alike: opened === undefined || verified === undefined
      ? undefined
      : areEqual(opened.manner, verified.manner),
    lossless: acknowledged === undefined || !isOurs
      ? undefined
      : isLossless(acknowledged.losses) && isLossless(outcome.losses),
    verifiedLast: verified === undefined || !isProven ? undefined : verified.differences === 0,
    equal: !isOurs || seen === undefined
      ? undefined
      : outcome.differences.length === 0 && (isProven || undefined),
    assurance: isProven && seen !== undefined ? outcome.assurance : undefined,
    required: requiredOf(destination),
  };
}

/** Whether a journal is that of this run and destination, as its place says. */
function isAbout(opened: OpenEntry, { source, path, id }: RunInfo, destination: string): boolean {
  return opened.source === source && opened.path === path && opened.id === id &&
    opened.destination === destination;
}

/** What a read-back has to reach: where events are kept as they are, nothing less than all of it. */
export function requiredOf(destination: Destination | undefined): Assurance {
  return destination?.capabilities.keepsEvents === false ? "counted" : "exact";
}

function sum(counts: Outcome["events"]): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
