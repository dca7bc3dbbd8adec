/** The reference service: makes things of its own of events, and keeps each once. */
import { createHash } from "node:crypto";
import type {
  Destination,
  Loss,
  Receipt,
  RunFiles,
  RunWriter,
  Verdict,
} from "../../src/adapter.ts";
import { CancelledError, SourceError } from "../../src/errors.ts";
import { Digest } from "../../src/model/digest.ts";
import type { RunEvent } from "../../src/model/event.ts";
import { fileRefs } from "../../src/model/file_refs.ts";
import type { DestinationPlace } from "./destination_subject.ts";

/** What a service keeps of a run: a text for each thing, by its name. */
export type Things = Map<string, string>;

/** Runs by what tells them apart. */
export type ServiceStore = Map<string, Things>;

/** Where a service keeps a run. */
export function serviceKeyOf({ info }: RunFiles): string {
  return JSON.stringify([info.project, info.directory, info.id]);
}

/** What a service knows an event by; events that it has under this name are not stored again. */
export function nameOf(event: RunEvent): string {
  const { type } = event;
  switch (event.type) {
    case "history":
    case "system":
      return `${type} ${event.step} of ${Object.keys(event.values).sort().join()}`;
    case "media":
      return `${type} ${event.step} of ${event.key}`;
    case "console":
      return `${type} ${event.line}`;
    case "file":
      return `${type} ${event.name}`;
    case "config":
    case "finish":
    case "run":
      return type;
    default:
      return `${type} ${digest({ ...event, seq: 0 })}`;
  }
}

/** One event and what is made of it. */
interface Thing {
  readonly event: RunEvent;
  readonly name: string;
  readonly text: string;
}

class ServiceWriter implements RunWriter {
  readonly remote: { readonly id: string };
  readonly held: undefined;
  readonly #run: RunFiles;
  readonly #store: ServiceStore;
  readonly #signal: AbortSignal;
  readonly #known: ReadonlyMap<string, string>;
  readonly #expected: Things = new Map();
  /** The last event of each name. */
  readonly #seqs = new Map<string, number>();
  #losses: Loss[] = [];
  /** What is still under way. */
  #waiting: readonly Thing[] = [];
  #through = -1;

  constructor(run: RunFiles, store: ServiceStore, signal: AbortSignal) {
    this.remote = { id: run.info.id };
    this.#run = run;
    this.#store = store;
    this.#signal = signal;
    this.#known = new Map(store.get(serviceKeyOf(run)));
  }

  async write(batch: readonly RunEvent[]): Promise<Receipt> {
    this.#settle();
    const things = await this.#things(batch);
    this.#waiting = things;
    const present = things.filter((thing) => this.#known.get(thing.name) === thing.text).length;
    return { through: this.#through, present, losses: this.#losses.splice(0) };
  }

  flush(): Promise<Receipt> {
    this.#settle();
    const losses = this.#losses.splice(0);
    return Promise.resolve({ through: this.#through, present: 0, losses });
  }

  async expect(batch: readonly RunEvent[]): Promise<void> {
    await this.#things(batch);
  }

  finish(): Promise<Receipt> {
    this.#settle();
    return Promise.resolve({ through: this.#through, present: 0, losses: [] });
  }

  verify(): Promise<Verdict> {
    const held = this.#store.get(serviceKeyOf(this.#run));
    const differences = [...this.#expected]
      .filter(([name, text]) => held?.get(name) !== text)
      .map(([name]) => `${name} is not held as it was delivered.`);
    return Promise.resolve({ assurance: "exact", differences });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Stores what was under way. */
  #settle(): void {
    if (this.#signal.aborted) throw new CancelledError();
    const key = serviceKeyOf(this.#run);
    for (const { event, name, text } of this.#waiting) {
      const things = this.#store.get(key) ?? new Map<string, string>();
      this.#store.set(key, things);
      things.set(name, text);
      this.#through = event.seq;
    }
    this.#waiting = [];
  }

  async #things(batch: readonly RunEvent[]): Promise<readonly Thing[]> {
    const things: Thing[] = [];
    for (const event of batch) {
      const { seq: _, ...said } = event;
      const contents: (string | undefined)[] = [];
      for (const { path } of fileRefs(event)) contents.push(await this.#content(path, event.seq));
      const thing = { event, name: nameOf(event), text: digest([said, contents]) };
      this.#expect(thing);
      things.push(thing);
    }
    return things;
  }

  /** Takes note of a thing, and of the one that it replaces. */
  #expect({ name, text, event: { seq } }: Thing): void {
    const before = this.#seqs.get(name);
    if (before !== undefined && this.#expected.get(name) !== text) {
      this.#losses.push({ seq: before, kind: "rejected", reason: "replaced", example: name });
    }
    this.#expected.set(name, text);
    this.#seqs.set(name, seq);
  }

  /** The hash of a file; undefined when it cannot be read. */
  async #content(path: string, seq: number): Promise<string | undefined> {
    try {
      const bytes = await new Response(await this.#run.file({ path })).bytes();
      return createHash("sha256").update(bytes).digest("hex");
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#losses.push({ seq, kind: "rejected", reason: "file not read", example: path });
      return undefined;
    }
  }
}

function digest(value: unknown): string {
  return new Digest().value(value).hex();
}

function memoryService(store: ServiceStore): Destination {
  return {
    name: "service",
    capabilities: { assurance: "exact", keepsSource: false, keepsEvents: false },
    check: () => Promise.resolve({ name: "service" }),
    open: (run, _key, _saved, { signal }) => Promise.resolve(new ServiceWriter(run, store, signal)),
  };
}

/** A place over a new store; `wrap` makes a destination of the reference service. */
export function servicePlace(
  wrap: (destination: Destination, store: ServiceStore) => Destination = (destination) =>
    destination,
): DestinationPlace {
  const store: ServiceStore = new Map();
  const make = (): Destination => wrap(memoryService(store), store);
  return {
    destination: make(),
    again: make,
    holdings: () =>
      Promise.resolve(
        [...store].map(([key, things]) => JSON.stringify([key, [...things].sort()])).sort(),
      ),
    damage(): Promise<void> {
      for (const things of store.values()) {
        for (const [name, text] of things) things.set(name, `${text}!`);
      }
      return Promise.resolve();
    },
  };
}
