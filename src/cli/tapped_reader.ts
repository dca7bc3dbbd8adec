import type { EventOptions, RunReader, Tail } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";
import type { FileRef, SourceEntry } from "../model/file.ts";
import type { RunInfo } from "../model/run.ts";

/** A reader that lets somebody else hear its events as they are read. */
export class TappedReader implements RunReader {
  readonly #reader: RunReader;
  readonly #hear: (event: RunEvent) => void;

  constructor(reader: RunReader, hear: (event: RunEvent) => void) {
    this.#reader = reader;
    this.#hear = hear;
  }

  get info(): RunInfo {
    return this.#reader.info;
  }

  get tail(): Tail | undefined {
    return this.#reader.tail;
  }

  async *events(options?: EventOptions): AsyncGenerator<readonly RunEvent[]> {
    for await (const events of this.#reader.events(options)) {
      for (const event of events) this.#hear(event);
      yield events;
    }
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
