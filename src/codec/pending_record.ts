import { Buffer } from "node:buffer";
import { chunkHeader } from "./log_chunk.ts";

/** A stretch of a log. */
export interface Span {
  /** Offset of its first byte. */
  readonly offset: number;
  /** Offset behind its last byte. */
  end: number;
}

/** A record beyond this is damage. */
const longestRecord = 1024 * 1024 * 1024;
/** A record torn into more stretches is damage. */
const mostSpans = 10_000;

/** A record whose end is still to come: the payloads of its chunks so far, and where they stand. */
export class PendingRecord {
  readonly #spans: Span[] = [];
  #payload: Buffer = Buffer.alloc(0);
  #length = 0;

  /** The stretches that its chunks cover, in order; chunks that touch are one. */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** Whether no record can be so long, or torn apart so often. */
  get absurd(): boolean {
    return this.#length > longestRecord || this.#spans.length > mostSpans;
  }

  /** Adds the chunk at `offset` of the log; its payload is copied. */
  add(offset: number, payload: Buffer): void {
    const end = offset + chunkHeader + payload.length;
    const last = this.#spans.at(-1);
    if (last?.end === offset) last.end = end;
    else this.#spans.push({ offset, end });
    const length = this.#length + payload.length;
    if (length > this.#payload.length) {
      const larger = Buffer.allocUnsafeSlow(2 * length);
      larger.set(this.payload());
      this.#payload = larger;
    }
    this.#payload.set(payload, this.#length);
    this.#length = length;
  }

  /** The payload so far. */
  payload(): Buffer {
    return this.#payload.subarray(0, this.#length);
  }
}
