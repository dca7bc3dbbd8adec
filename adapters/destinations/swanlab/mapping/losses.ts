import type { Loss } from "../../../../src/adapter.ts";

/** Counts what does not arrive as it was: an event at most once for each reason. */
export class Losses {
  readonly #tell: (loss: Loss) => void;
  /** The event and reason that were told last. */
  #seq = -1;
  readonly #reasons = new Set<string>();

  constructor(tell: (loss: Loss) => void) {
    this.#tell = tell;
  }

  /** It arrives, but not as it was. */
  converted(seq: number, reason: string, example?: string): void {
    this.#count("converted", seq, reason, example);
  }

  /** It cannot be carried. */
  unsupported(seq: number, reason: string, example?: string): void {
    this.#count("unsupported", seq, reason, example);
  }

  /** A key or column of the whole run is not as it was. */
  changed(reason: string, example: string): void {
    this.#tell({ kind: "converted", reason, example });
  }

  #count(kind: Loss["kind"], seq: number, reason: string, example: string | undefined): void {
    if (seq !== this.#seq) {
      this.#seq = seq;
      this.#reasons.clear();
    }
    if (this.#reasons.has(reason)) return;
    this.#reasons.add(reason);
    this.#tell({ seq, kind, reason, ...(example === undefined ? {} : { example }) });
  }
}
