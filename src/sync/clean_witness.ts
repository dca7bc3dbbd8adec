import type { RunEvent } from "../model/event.ts";
import { fileRefs } from "../model/file_refs.ts";

/** What a pass over a run has seen. */
export interface Seen {
  /** Events read. */
  readonly events: number;
  /** Whether the last of them says that the run ended. */
  readonly finished: boolean;
  readonly gaps: number;
}

/** Remembers of a pass over a run what decides later whether the run may be deleted. */
export class CleanWitness {
  #seen: Seen | undefined;
  /** Files that events name. */
  readonly named: Set<string> = new Set();

  /** What was seen; undefined unless the last pass came to the end. */
  get seen(): Seen | undefined {
    return this.#seen;
  }

  /** Passes on the events of one pass. */
  async *watch(
    read: AsyncIterable<readonly RunEvent[]>,
  ): AsyncGenerator<readonly RunEvent[], void, undefined> {
    this.#seen = undefined;
    let events = 0;
    let gaps = 0;
    let finished = false;
    for await (const array of read) {
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
}
