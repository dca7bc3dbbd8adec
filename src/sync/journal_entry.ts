import type { Assurance, Remote } from "../adapter.ts";
import type { FinishEvent } from "../model/event.ts";
import type { Outcome } from "./outcome.ts";

/** A run on its way to a destination begins to be written there, or to be compared again. */
export interface OpenEntry {
  readonly type: "open";
  /** ms since epoch, as everywhere here. */
  readonly at: number;
  readonly tool: string;
  /** Name of the machine, and the process on it. */
  readonly host: string;
  readonly pid: number;
  /** What the journal is about, in clear. */
  readonly source: string;
  readonly path: string;
  readonly id: string;
  readonly destination: string;
  /** State of the source before anything of it was read; absent where it could not be told. */
  readonly stamp?: string;
  /** What the user wanted otherwise than usual, such as "no console"; equal lists, equal wishes. */
  readonly wishes: readonly string[];
  /** How it was to be there, such as "id x"; equal lists make equal runs. */
  readonly manner: readonly string[];
  readonly remote: Remote;
}

/** Everything up to an event is accepted, there already, or counted as lost. */
export interface AckEntry {
  readonly type: "ack";
  readonly at: number;
  /** The `seq` of that event; -1 for none. */
  readonly through: number;
  /** Values and media items among them. */
  readonly points: number;
  readonly sent: number;
  readonly present: number;
  readonly losses: Outcome["losses"];
}

/** The destination has taken the run as a whole. */
export interface FinishEntry {
  readonly type: "finish";
  readonly at: number;
  /** How the run ended; absent when its log does not say. */
  readonly state?: FinishEvent["state"];
  readonly remote: Remote;
  readonly events: Outcome["events"];
  readonly gaps: number;
  /** Whether its log ends early; absent when it was not read. */
  readonly cut?: boolean;
}

/** The run was compared with what the destination holds. */
export interface VerifyEntry {
  readonly type: "verify";
  readonly at: number;
  readonly assurance: Assurance;
  /** How many there were; the run is only there when there were none. */
  readonly differences: number;
  /** As in {@link OpenEntry}, of the state that was compared. */
  readonly stamp?: string;
  readonly wishes: readonly string[];
  readonly manner: readonly string[];
  readonly remote: Remote;
  readonly points: number;
  readonly files: number;
  /** Size of the run directory. */
  readonly bytes: number;
}

/** The run directory was deleted, or is about to be. */
export interface CleanEntry {
  readonly type: "clean";
  readonly at: number;
  /**
   * `announced` goes before the renaming to `trash`, `condemned` before the deletion of what was
   * looked at there once more, `done` behind it.
   */
  readonly state: "announced" | "condemned" | "done";
  /** Absolute path that the run directory is moved to. */
  readonly trash: string;
  /** Number of the run directory in its file system, as decimal text. */
  readonly inode: string;
  /** State of everything in it when it was announced. */
  readonly stamp: string;
}

/** A line of a journal; docs/journal.md documents them. */
export type JournalEntry = OpenEntry | AckEntry | FinishEntry | VerifyEntry | CleanEntry;

/** Whether two lists of wishes, or of manners, are the same. */
export function areEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, at) => text === right[at]);
}

/** What a field of an entry has to be. */
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isList: Check = Array.isArray;
const isObject: Check = (value) => typeof value === "object" && value !== null;
const isRemote: Check = (value) =>
  typeof value === "object" && value !== null && "id" in value && isText(value.id);
const isLosses: Check = (value) =>
  Array.isArray(value) && value.every((loss) => isObject(loss) && "kind" in loss);
const maybe = (check: Check): Check => (value) => value === undefined || check(value);
const oneOf = (...values: readonly unknown[]): Check => (value) => values.includes(value);

const shapes: { readonly [type in JournalEntry["type"]]: { readonly [field: string]: Check } } = {
  open: {
    at: isNumber,
    stamp: maybe(isText),
    wishes: isList,
    manner: isList,
    remote: isRemote,
    host: isText,
    pid: isNumber,
    destination: isText,
    path: isText,
  },
  ack: {
    at: isNumber,
    through: isNumber,
    points: isNumber,
    sent: isNumber,
    present: isNumber,
    losses: isLosses,
  },
  finish: {
    at: isNumber,
    state: maybe(oneOf("finished", "failed", "aborted")),
    remote: isRemote,
    events: isObject,
    gaps: isNumber,
    cut: maybe(oneOf(true, false)),
  },
  verify: {
    at: isNumber,
    assurance: oneOf("none", "accepted", "counted", "exact"),
    differences: isNumber,
    stamp: maybe(isText),
    wishes: isList,
    manner: isList,
    remote: isRemote,
    points: isNumber,
    files: isNumber,
    bytes: isNumber,
  },
  clean: {
    at: isNumber,
    state: oneOf("announced", "condemned", "done"),
    trash: isText,
    inode: isText,
    stamp: isText,
  },
};

/** Reads a line of a journal, which may be torn, damaged, or of a `type` that is not known. */
export function parseEntry(line: string): JournalEntry | "damaged" | "unknown" {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "damaged";
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return "damaged";
  const type = String(value.type);
  if (!Object.hasOwn(shapes, type)) return "unknown";
  const fields = new Map<string, unknown>(Object.entries(value));
  const shape = Object.entries(shapes[type as JournalEntry["type"]]);
  const fits = shape.every(([field, check]) => check(fields.get(field)));
  return fits ? value as JournalEntry : "damaged";
}
