import type { EventOptions, RunReader, Tail } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";
import type { FileRef, SourceEntry } from "../model/file.ts";
import type { RunInfo } from "../model/run.ts";

/** Passes on a run's events, and may look at each. */
export type Tap = (
  events: AsyncIterable<readonly RunEvent[]>,
) => AsyncIterable<readonly RunEvent[]>;

/** A reader whose events go through somebody else's hands as they are read. */
export class TappedReader implements RunReader {
  readonly #reader: RunReader;
  readonly #tap: Tap;

  constructor(reader: RunReader, tap: Tap) {
    this.#reader = reader;
    this.#tap = tap;
  }

  get info(): RunInfo {
    return this.#reader.info;
  }

  get tail(): Tail | undefined {
    return this.#reader.tail;
  }

  events(options?: EventOptions): AsyncIterable<readonly RunEvent[]> {
    return this.#tap(this.#reader.events(options));
  }

  entries(): AsyncIterable<SourceEntry> {
    return this.#reader.entries();
  }

  file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    return this.#reader.file(ref);
  }

  stamp(): Promise<string> {
    return this.#reader.stamp();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#reader[Symbol.asyncDispose]());
  }
}
