import type { RunReader, Tail } from "../adapter.ts";
import type { RunEvent } from "../model/event.ts";
import type { FileRef, SourceEntry } from "../model/file.ts";
import { fileRefs } from "../model/file_refs.ts";
import type { RunInfo } from "../model/run.ts";

/** What a pass over a run has seen. */
export interface Seen {
  /** Events read. */
  readonly events: number;
  /** Whether the last of them says that the run ended. */
  readonly finished: boolean;
  readonly gaps: number;
}

/** A reader that remembers what decides later whether the run may be deleted. */
export class CleanReader implements RunReader {
  readonly #reader: RunReader;
  #seen: Seen | undefined;
  /** Files that events name. */
  readonly named: Set<string> = new Set();

  constructor(reader: RunReader) {
    this.#reader = reader;
  }

  /** What was seen; undefined unless the last pass came to the end. */
  get seen(): Seen | undefined {
    return this.#seen;
  }

  get info(): RunInfo {
    return this.#reader.info;
  }

  get tail(): Tail | undefined {
    return this.#reader.tail;
  }

  async *events(
    options?: Parameters<RunReader["events"]>[0],
  ): AsyncGenerator<readonly RunEvent[]> {
    this.#seen = undefined;
    let events = 0;
    let gaps = 0;
    let finished = false;
    for await (const array of this.#reader.events(options)) {
      for (const event of array) {
        events++;
        finished = event.type === "finish";
        if (event.type === "gap") gaps++;
        for (const { path } of fileRefs(event)) this.named.add(path);
      }
      yield array;
    }
    this.#seen = { events, gaps, finished };
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
