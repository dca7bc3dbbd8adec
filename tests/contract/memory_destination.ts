/** The reference destination: keeps runs in memory and reads them back from there. */
import { createHash } from "node:crypto";
import type {
  Destination,
  Loss,
  Receipt,
  RunFiles,
  RunWriter,
  Verdict,
} from "../../src/adapter.ts";
import { tallyDifferences } from "../../src/archive/tally_difference.ts";
import { SourceError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import { fileRefs } from "../../src/model/file_refs.ts";
import type { Tally } from "../../src/model/tally.ts";
import { TallyBuilder } from "../../src/model/tally_builder.ts";
import type { DestinationPlace } from "./destination_subject.ts";

/** A run as it is kept. */
export interface Stored {
  readonly stamp: string;
  readonly id: string;
  events: RunEvent[];
  readonly files: Map<string, Uint8Array>;
  /** What was announced at the end. */
  tally?: Tally;
}

/** Runs by project, directory and id. */
export type Store = Map<string, Stored>;

/** Where a run is kept. */
export function keyOf({ info }: RunFiles): string {
  return JSON.stringify([info.project, info.directory, info.id]);
}

/** What is really kept of a run. */
function readBack({ events, files }: Stored): Tally {
  const builder = new TallyBuilder();
  for (const event of events) builder.add(event);
  for (const [path, bytes] of files) {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    builder.file(path, { bytes: bytes.length, sha256 });
  }
  return builder.result();
}

class MemoryWriter implements RunWriter {
  readonly remote: { readonly id: string };
  readonly held: Tally | undefined;
  readonly #run: RunFiles;
  readonly #store: Store;
  readonly #new: Stored;

  constructor(run: RunFiles, store: Store, stamp: string) {
    const { id } = run.info;
    this.#run = run;
    this.#store = store;
    this.#new = { stamp, id, events: [], files: new Map() };
    this.remote = { id };
    const old = store.get(keyOf(run));
    this.held = old?.stamp === stamp ? old.tally : undefined;
  }

  async write(batch: readonly RunEvent[]): Promise<Receipt> {
    const losses: Loss[] = [];
    for (const event of batch) {
      this.#new.events.push(structuredClone(event));
      for (const { path } of fileRefs(event)) losses.push(...await this.#keep(path, event.seq));
    }
    return { through: batch.at(-1)?.seq ?? -1, present: 0, losses };
  }

  flush(): Promise<Receipt> {
    const through = this.#new.events.length - 1;
    return Promise.resolve({ through, present: 0, losses: [] });
  }

  /** The tally of the events is all that is compared. */
  expect(): Promise<void> {
    return Promise.resolve();
  }

  async finish(tally: Tally): Promise<Receipt> {
    const losses: Loss[] = [];
    for await (const { path, kind } of this.#run.entries()) {
      if (kind === "file") losses.push(...await this.#keep(path));
    }
    this.#store.set(keyOf(this.#run), { ...this.#new, tally: { ...tally, files: this.#files() } });
    return { through: this.#new.events.length - 1, present: 0, losses };
  }

  verify(tally: Tally): Promise<Verdict> {
    const stored = this.#store.get(keyOf(this.#run));
    const differences = stored === undefined
      ? ["Nothing is held."]
      : tallyDifferences(tally, readBack(stored));
    return Promise.resolve({ assurance: "exact", differences });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #files(): Tally["files"] {
    return readBack(this.#new).files;
  }

  async #keep(path: string, seq?: number): Promise<readonly Loss[]> {
    const { files } = this.#new;
    if (files.has(path)) return [];
    try {
      files.set(path, await new Response(await this.#run.file({ path })).bytes());
      return [];
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const loss = { kind: "rejected", reason: "file not read", example: path } as const;
      return [seq === undefined ? loss : { ...loss, seq }];
    }
  }
}

/** A destination over a store. */
function memoryDestination(store: Store): Destination {
  return {
    name: "memory",
    capabilities: { assurance: "exact", keepsSource: true, keepsEvents: true },
    check: () => Promise.resolve({ name: "memory" }),
    isGone: ({ id }) => Promise.resolve(![...store.values()].some((stored) => stored.id === id)),
    open: async (run) => new MemoryWriter(run, store, await run.stamp()),
  };
}

/** A place over a new store; `wrap` makes a destination of the reference destination. */
export function memoryPlace(
  wrap: (destination: Destination, store: Store) => Destination = (destination) => destination,
): DestinationPlace {
  const store: Store = new Map();
  const make = (): Destination => wrap(memoryDestination(store), store);
  return {
    destination: make(),
    again: make,
    holdings: () => Promise.resolve([...store.keys()].sort()),
    damage(): Promise<void> {
      for (const stored of store.values()) {
        stored.events = stored.events.map((event) =>
          event.type === "history" ? { ...event, step: Number(event.step) + 1 } : event
        );
      }
      return Promise.resolve();
    },
  };
}
