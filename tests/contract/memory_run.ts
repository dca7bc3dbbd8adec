import { Buffer } from "node:buffer";
import type { RunReader } from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { SourceEntry } from "../../src/model/file.ts";
import type { RunInfo } from "../../src/model/run.ts";

/** A run that exists nowhere but here. */
export interface MemoryRun {
  readonly info?: Partial<RunInfo>;
  readonly events: readonly RunEvent[];
  /** By path, absolute for files outside the run directory; undefined for one that cannot be read. */
  readonly files?: ReadonlyMap<string, string | undefined>;
  /** Tells apart two states of the same run. */
  readonly stamp?: string;
  /** Told of each file that is going to be read. */
  reading?(path: string): void;
}

const writer = { tracker: "memory", format: "memory 1" } as const;

/** An event without its place in the run. */
export type Unnumbered<Event = RunEvent> = Event extends RunEvent ? Omit<Event, "seq"> : never;

/** The events, numbered, behind one that says who the run is. */
export function eventsOf(events: readonly Unnumbered[]): readonly RunEvent[] {
  const identity: Unnumbered = { type: "run", id: "one", writer };
  return [identity, ...events].map((event, seq) => ({ ...event, seq }));
}

/** Opens such a run as a source would. */
export function openMemoryRun(run: MemoryRun): RunReader {
  const { events, files = new Map(), stamp = "first" } = run;
  const info = { source: "memory", path: "/memory/run-1", directory: "run-1", id: "one", writer };
  return {
    info: { ...info, ...run.info },
    tail: undefined,
    async *events(): AsyncGenerator<readonly RunEvent[]> {
      yield await Promise.resolve(events);
    },
    async *entries(): AsyncGenerator<SourceEntry> {
      yield* await Promise.resolve(entriesOf(files));
    },
    file({ path }): Promise<ReadableStream<Uint8Array>> {
      run.reading?.(path);
      const content = files.get(path);
      if (content !== undefined) return Promise.resolve(new Blob([content]).stream());
      return Promise.reject(new SourceError(`Cannot read ${path}: it is not there`));
    },
    stamp: () => Promise.resolve(stamp),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The files of the run directory and the directories above them, in order of path. */
function entriesOf(files: ReadonlyMap<string, string | undefined>): readonly SourceEntry[] {
  const entries = new Map<string, SourceEntry>();
  const common = { modified: 1_700_000_000_000, mode: 0o644 } as const;
  for (const [path, content = ""] of files) {
    if (path.startsWith("/") || path.includes("..")) continue;
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
      const parent = path.slice(0, at);
      entries.set(parent, { ...common, path: parent, kind: "directory", bytes: 0 });
    }
    entries.set(path, { ...common, path, kind: "file", bytes: Buffer.byteLength(content) });
  }
  const order = (left: SourceEntry, right: SourceEntry): number =>
    Buffer.compare(Buffer.from(left.path), Buffer.from(right.path));
  return [...entries.values()].sort(order);
}
