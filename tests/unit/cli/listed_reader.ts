import type { RunReader, Tail } from "../../../src/adapter.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import type { RunInfo } from "../../../src/model/run.ts";

/** A run whose events are given. */
export class ListedReader implements RunReader {
  readonly info: RunInfo = {
    source: "wandb",
    path: "/data/run-1",
    directory: "run-1",
    id: "r1",
    writer: { tracker: "wandb", version: "0.31.0", format: "G2" },
  };
  readonly tail: Tail | undefined;
  batches: readonly (readonly RunEvent[])[];

  constructor(batches: readonly (readonly RunEvent[])[], tail?: Tail) {
    this.batches = batches;
    this.tail = tail;
  }

  async *events(): AsyncGenerator<readonly RunEvent[]> {
    yield* this.batches;
  }

  async *entries(): AsyncGenerator<SourceEntry> {
    yield { path: "run.log", kind: "file", bytes: 1234, modified: 0, mode: 0o644 };
  }

  file(): Promise<ReadableStream<Uint8Array>> {
    throw new Error("No file is expected to be read");
  }

  stamp(): Promise<string> {
    return Promise.resolve("stamp");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
