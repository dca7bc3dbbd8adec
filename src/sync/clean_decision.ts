import type { Assurance } from "../adapter.ts";
import { isAtLeast } from "./assurance.ts";

/** Something that holds, does not hold, or is not known. */
type Fact = boolean | undefined;

/** What is known of one run at one destination. */
export interface DestinationFacts {
  readonly name: string;
  /** The journal of this run and destination was written on this machine. */
  readonly ownJournal: Fact;
  /** No other process can work on this run and destination meanwhile. */
  readonly locked: Fact;
  /** Every event of the run was acknowledged, the finish too. */
  readonly acknowledged: Fact;
  /** It was sent with the same options about the destination with which it was compared. */
  readonly alike: Fact;
  /** Nothing was refused or cut. */
  readonly lossless: Fact;
  /** The read-back came after the last thing that was sent. */
  readonly verifiedLast: Fact;
  /** The read-back found no difference. */
  readonly equal: Fact;
  /** What the read-back reached. */
  readonly assurance: Assurance | undefined;
  /** What it has to reach here at least. */
  readonly required: Assurance;
}

/** All that decides whether a run directory may go. Every fact is put so that `true` speaks for it. */
export interface CleanFacts {
  /** A source knows the place as a run directory, and it has the name of one. */
  readonly recognised: Fact;
  /** It is a directory itself: no link, no lone file. */
  readonly plainDirectory: Fact;
  /** It is what the user named, or lies below it. */
  readonly inside: Fact;
  /** It is no folder of runs: it has another name than those, and holds just this run. */
  readonly alone: Fact;
  /** The log says that the run ended, and nothing was logged behind that. */
  readonly finished: Fact;
  /** The log can be read from its beginning to its end. */
  readonly undamaged: Fact;
  /** No process is known to have a file in it open. */
  readonly quiet: Fact;
  /** Names, sizes and times are still as they were before the run was read. */
  readonly unchanged: Fact;
  /** Nothing was left out because the user said so. */
  readonly nothingExcluded: Fact;
  /** No large file lies in it that a destination was never given. */
  readonly accounted: Fact;
  /** It is not among the newest runs that are to stay. */
  readonly dispensable: Fact;
  /** ms since something in it was last changed. */
  readonly age: number | undefined;
  /** ms. */
  readonly minAge: number;
  /** All destinations that were asked for. */
  readonly destinations: readonly DestinationFacts[];
}

/** Whether a run directory may be deleted; if not, why not, in full sentences. */
export type Decision =
  | { readonly clean: true }
  | { readonly clean: false; readonly reasons: readonly string[] };

/** What to say when a fact does not hold, and when it is not known. */
type Sentences<Facts> = {
  readonly [name in keyof Facts as Facts[name] extends Fact ? name : never]: readonly [
    string,
    string,
  ];
};

const runSentences: Sentences<CleanFacts> = {
  recognised: [
    "It is not named as run directories are (run-DATE_TIME-ID), so more may lie in it.",
    "It is not known whether it is a run directory.",
  ],
  plainDirectory: [
    "It is a link or a lone file, not a directory of its own.",
    "It cannot be looked at.",
  ],
  inside: [
    "It lies outside the path that was given.",
    "It is not known whether it lies inside the path that was given.",
  ],
  alone: [
    "It is a folder for runs, or holds more than this run.",
    "It is not known whether it holds more than this run.",
  ],
  finished: [
    "The log does not end with the end of the run.",
    "It is not known whether the run has ended.",
  ],
  undamaged: [
    "The log is damaged or ends early.",
    "It is not known whether the log is whole.",
  ],
  quiet: [
    "A process has a file in it open.",
    "It is not known whether a process writes to it.",
  ],
  unchanged: [
    "Something in it was changed after it was read.",
    "It is not known whether it was changed after it was read.",
  ],
  nothingExcluded: [
    "A part of the run was left out, as asked.",
    "It is not known whether a part of the run was left out.",
  ],
  accounted: [
    "It holds a large file that its records do not name, so no destination has it.",
    "It is not known whether its records name all large files in it.",
  ],
  dispensable: [
    "It is one of the newest runs, which --keep keeps.",
    "It is not known whether --keep keeps it.",
  ],
};

const destinationSentences: Sentences<DestinationFacts> = {
  ownJournal: [
    "the journal was written on another machine",
    "there is no journal of this run",
  ],
  locked: ["another process works on it", "it is not known whether another process works on it"],
  acknowledged: [
    "not everything was acknowledged",
    "it is not known whether everything was acknowledged",
  ],
  alike: [
    "it was sent with other options than it was compared with",
    "it is not known with which options it was sent",
  ],
  lossless: ["something was refused or cut", "it is not known whether something was refused"],
  verifiedLast: [
    "something was sent after the last read-back",
    "it was not read back",
  ],
  equal: ["it holds something else than was read", "what it holds was not compared"],
};

/**
 * Decides whether a run directory may be deleted: only if every fact is known and holds, the run is
 * at least as old as wanted, and every destination proved at least what is required of it.
 */
export function decide(facts: CleanFacts): Decision {
  const { destinations } = facts;
  const reasons = [
    ...failing(facts, runSentences),
    ...ageReasons(facts),
    ...(destinations.length === 0 ? ["No destination is asked for a proof."] : []),
    ...destinations.flatMap((destination) => destinationReasons(destination)),
  ];
  return reasons.length === 0 ? { clean: true } : { clean: false, reasons };
}

/** The comparisons are put so that NaN speaks against it. */
function ageReasons({ age, minAge }: CleanFacts): readonly string[] {
  if (age === undefined) return ["It is not known when it was last changed."];
  if (!(age >= 0)) return ["It was last changed in the future, so one of the clocks is wrong."];
  return age >= minAge ? [] : ["It was last changed less than --min-age ago."];
}

function destinationReasons(facts: DestinationFacts): readonly string[] {
  const { name, assurance, required } = facts;
  const isEnough = required !== "none" && assurance !== undefined &&
    isAtLeast(assurance, required);
  return [
    ...failing(facts, destinationSentences),
    ...(isEnough ? [] : [`it proves "${assurance ?? "nothing"}", not "${required}"`]),
  ].map((reason) => `${name}: ${reason}.`);
}

function failing<Facts extends object>(
  facts: Facts,
  sentences: Sentences<Facts>,
): readonly string[] {
  return Object.entries<readonly [string, string]>(sentences).flatMap(([name, [no, unknown]]) => {
    const fact: unknown = Reflect.get(facts, name);
    if (fact === true) return [];
    return [fact === false ? no : unknown];
  });
}
