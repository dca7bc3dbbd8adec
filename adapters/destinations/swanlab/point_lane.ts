import { PointBatch, type PointType } from "./point_batch.ts";

/** Items of one request, as the official clients have it (swanlab-api §4.6). */
const mostItems = 10_000;
/** Bytes of one request: proxies before a host seldom take bodies without bounds. */
const mostBytes = (1 << 20) - (1 << 14);

/** Delivers a batch, which is filled anew afterwards; resolves when the host has accepted it. */
export type Deliver = (batch: PointBatch) => Promise<void>;

/**
 * Collects points into batches and has them delivered one after the other, so that the points of a
 * key arrive in order. Lanes work side by side.
 */
export class PointLane {
  readonly #type: PointType;
  readonly #deliver: Deliver;
  #share: number;
  /** The batch that is being filled. */
  #filling: PointBatch | undefined;
  /** Batches that were delivered and can be filled again. */
  readonly #spare: PointBatch[] = [];
  /** Full batches that nobody delivers yet, and the one under way in front. */
  readonly #waiting: PointBatch[] = [];
  #running: Promise<void> | undefined;
  /** The batch that is under way. */
  #delivery: Promise<void> = Promise.resolve();
  /** Why nothing more is delivered. */
  #failure: Error | undefined;
  #open = false;
  #closed = false;

  /** `share` is how full the first batch gets, from 0 to 1. */
  constructor(type: PointType, deliver: Deliver, share: number = 1) {
    this.#type = type;
    this.#deliver = deliver;
    this.#share = share;
  }

  /** Batches that wait or are under way. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether there is anything that was not accepted yet. */
  get empty(): boolean {
    return this.#filling === undefined && this.#waiting.length === 0;
  }

  /** The `seq` of the first event that was not accepted yet; Infinity when there is none. */
  get first(): number {
    return (this.#waiting[0] ?? this.#filling)?.first ?? Infinity;
  }

  /** Adds an item that belongs to the event `seq`. */
  add(item: string, seq: number): void {
    const batch = this.#filling ??= (this.#spare.pop() ?? new PointBatch(this.#type)).begin(seq);
    batch.add(item);
    if (batch.count < mostItems * this.#share && batch.size < mostBytes) return;
    this.#share = 1;
    this.flush();
  }

  /** Begins to deliver; until then everything waits. */
  open(): void {
    this.#open = true;
    this.#run();
  }

  /** Has what was added delivered even though the batch is not full. */
  flush(): void {
    if (this.#filling === undefined) return;
    this.#waiting.push(this.#filling);
    this.#filling = undefined;
    this.#run();
  }

  /**
   * Resolves when at most `most` batches wait.
   * @throws {ToolError} what the delivery of one threw; nothing behind it was sent then.
   */
  async settle(most: number): Promise<void> {
    while (this.#waiting.length > most && this.#open) {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#delivery;
    }
  }

  /** Begins no further delivery; resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #run(): void {
    if (!this.#open || this.#running !== undefined || this.#waiting.length === 0) return;
    this.#running = this.#drain().catch((error: Error) => {
      this.#failure = error;
    });
  }

  async #drain(): Promise<void> {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      if (this.#closed) return;
      this.#delivery = this.#deliver(batch);
      await this.#delivery;
      this.#waiting.shift();
      this.#spare.push(batch);
    }
    this.#running = undefined;
  }
}
