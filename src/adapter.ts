/**
 * The contract between the core and the adapters. A source turns run directories into events; a
 * destination takes events and can prove what it holds. Adapters never see each other.
 */
import type { RunEvent } from "./model/event.ts";
import type { FileRef, SourceEntry } from "./model/file.ts";
import type { RunInfo, RunRef } from "./model/run.ts";
import type { Tally } from "./model/tally.ts";

/** What the outside world gives to adapters: time, environment, cancellation, a voice. */
export interface Context {
  /** Aborted when the user cancels; long work checks it. */
  readonly signal: AbortSignal;
  /** ms since epoch. */
  now(): number;
  /**
   * Resolves after so many ms.
   * @throws {CancelledError} as soon as `signal` is aborted.
   */
  wait(ms: number): Promise<void>;
  readonly environment: { readonly [name: string]: string | undefined };
  /** The user's home directory, absolute. */
  readonly home: string;
  /** Whether records may point at files outside their run directory. */
  readonly followOutside: boolean;
  /** Tells the user something that is not an error of one run; goes to stderr. */
  notice(message: string): void;
}

/** One name in a directory. A link counts as what it points to, if that is inside the same walk. */
export interface PlaceEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
}

/** A directory or file that may hold runs. */
export interface Place {
  /** Absolute and free of links. */
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Sorted by name; empty for a file. */
  readonly entries: readonly PlaceEntry[];
}

/** Reads one tracker's run directories. Never writes. */
export interface Source {
  readonly name: string;
  /**
   * The runs that this place is or directly holds; empty when it is none of this source's.
   * Judges by names and reads at most a few bytes. A directory that is itself a run directory
   * yields refs whose `path` is the place's own, and is then not searched further.
   */
  recognise(place: Place, context: Context): Promise<readonly RunRef[]>;
  /**
   * Opens a run, reading as far as its identity.
   * @throws {SourceError} when it cannot be read at all, or its format version is not known.
   */
  open(ref: RunRef, context: Context): Promise<RunReader>;
}

/** The files of a run, and who it is. */
export interface RunFiles {
  readonly info: RunInfo;
  /** Everything in the run directory as it lies there, in order of path; links are not followed. */
  entries(): AsyncIterable<SourceEntry>;
  /**
   * The content of a file that an event or an entry names.
   * @throws {SourceError} when it is missing, unreadable, not a plain file, or outside the run
   * directory without `followOutside`.
   */
  file(ref: FileRef): Promise<ReadableStream<Uint8Array>>;
  /** Changes whenever the data may have changed: hash of names, sizes and modification times. */
  stamp(): Promise<string>;
}

/** One of the run directories that were found with the id and the tracker of a run. */
export interface RunPart {
  readonly info: RunInfo;
  /** @throws {SourceError} when it cannot be read. */
  open(): Promise<RunReader>;
}

/** Where and how a log ends early: a record cut short, or a log that never began. */
export interface Tail {
  /** Offset of the first byte that is not part of a whole record. */
  readonly offset: number;
  /** Bytes from there to the end. */
  readonly bytes: number;
  readonly reason: string;
}

/**
 * What somebody who follows a run found out about its log: it has grown; nothing came for a while,
 * so that what waits for its rest should be passed on; or it is to be taken for complete.
 */
export type Rest = "grown" | "quiet" | "end";

/** How events are read. */
export interface EventOptions {
  /**
   * Reads a run that is still being written. Called whenever everything that is there was passed
   * on; whoever calls `events` waits and looks at the log in it, so that a source knows no clock. A
   * record that is not there to its end is not there yet. It ends after `end`, or at the first
   * `quiet` behind the record that tells how the run ended.
   *
   * All events together are those of a reading without `follow`, but that a row whose points come
   * far apart may be two. Layouts without one growing log (those of SwanLab up to 0.6.1, archives,
   * runs whose log is missing) never call it and end as without it; they are read again instead.
   */
  readonly follow?: () => Promise<Rest>;
}

/** One open run. */
export interface RunReader extends RunFiles, AsyncDisposable {
  /** The run's events in order, in arrays of any length ≥ 1. Calling it again starts anew. */
  events(options?: EventOptions): AsyncIterable<readonly RunEvent[]>;
  /** Set once `events()` ended before the log was complete. */
  readonly tail: Tail | undefined;
  /**
   * Whether too little is there to tell who the run is, as in the first moments of one: it is to be
   * opened again once it has grown. Absent where that never happens.
   */
  readonly isYoung?: boolean;
}

/** How sure it is that a destination holds what was sent, from not at all to byte for byte. */
export type Assurance = "none" | "accepted" | "counted" | "exact";

/** What a destination can do, as data. */
export interface Capabilities {
  /** The best assurance that its `verify` can reach. */
  readonly assurance: Assurance;
  /** Whether it keeps the run directory byte for byte besides the events. */
  readonly keepsSource: boolean;
  /**
   * Whether it keeps the events as they are, so that a run is there as a whole or not at all. A
   * service makes its own of them: a part of a run may be there, and is completed later.
   */
  readonly keepsEvents: boolean;
}

/** Who we are at a destination, and where. */
export interface Account {
  readonly name: string;
  readonly url?: string;
}

/** A run at a destination. */
export interface Remote {
  readonly id: string;
  readonly url?: string;
}

/** Something that did not arrive as it was. */
export interface Loss {
  /** The event that it belongs to; absent when it belongs to the run as a whole. */
  readonly seq?: number;
  readonly kind: "unsupported" | "converted" | "rejected" | "truncated";
  /** A short, stable phrase; equal reasons are counted together. */
  readonly reason: string;
  /** What exactly, such as a key or a path. */
  readonly example?: string;
}

/** The answer to a batch. */
export interface Receipt {
  /**
   * Everything up to and including this `seq` is accepted or counted as lost. The end of a batch may
   * still be under way; only `finish` answers for all.
   */
  readonly through: number;
  /** How many of the batch's events the destination had already. */
  readonly present: number;
  readonly losses: readonly Loss[];
}

/** What a destination really holds, compared with what was delivered. */
export interface Verdict {
  readonly assurance: Assurance;
  /** Full sentences; empty when all is equal. */
  readonly differences: readonly string[];
}

/** A place where runs can live. */
export interface Destination {
  /** How reports name it: "archive:/path". */
  readonly name: string;
  readonly capabilities: Capabilities;
  /**
   * Whether it can be used at all; changes nothing.
   * @throws {DestinationError} when it cannot, with what to do about it.
   */
  check(context: Context): Promise<Account>;
  /**
   * Whether what an earlier sync left there is there no longer, as far as this machine knows without
   * asking another; absent where only a request could tell.
   */
  isGone?(remote: Remote): Promise<boolean>;
  /**
   * Begins or continues a run. `key` is the id wanted there; `saved` what an earlier sync of the
   * same run got. `family` tells the run directories of this id that the same command was given,
   * this one included; that costs a look into every run of the command. It throws a
   * `TransientError` as long as an earlier one broke off on its way here, so that a place where
   * later parts go on behind earlier ones has to ask before it gives a new part its place.
   */
  open(
    run: RunFiles,
    key: string,
    saved: Remote | undefined,
    context: Context,
    family?: () => Promise<readonly RunPart[]>,
  ): Promise<RunWriter>;
}

/** One run being written to a destination. Disposing without `finish` leaves nothing half-done. */
export interface RunWriter extends AsyncDisposable {
  readonly remote: Remote;
  /**
   * Set when the destination already holds exactly this state of the source (by its stamp), so
   * that nothing need be read or written; `verify` may still be called with this tally.
   */
  readonly held: Tally | undefined;
  /** Resolves when there is room for more; losses may belong to earlier batches. */
  write(batch: readonly RunEvent[]): Promise<Receipt>;
  /**
   * Has what was written arrive although no request is full of it, with config and metadata as far
   * as they are known: somebody looks on while the run is written. More may be written afterwards.
   * A place that keeps events still has nothing before `finish`.
   */
  flush(): Promise<Receipt>;
  /** Takes events, instead of `write`, that should be there already; only `verify` follows. */
  expect(batch: readonly RunEvent[]): Promise<void>;
  /**
   * Makes what was written permanent; resolves when all of it is accepted. `tally` is the sum of
   * what was delivered.
   */
  finish(tally: Tally): Promise<Receipt>;
  /** Asks the destination what it really holds. */
  verify(tally: Tally): Promise<Verdict>;
}
