import { itemSeparator } from "./item_text.ts";

/** Items of one request, as the official clients have it (swanlab-api §4.6). */
const mostItems = 10_000;
/** Characters of one request: proxies before a host seldom take bodies without bounds. */
const mostText = 4 << 20;

/** What one request carries. */
export interface PointBatch {
  readonly type: "scalar" | "media" | "log";
  /** Items as JSON, {@link itemSeparator} between them. */
  readonly text: string;
  /** The `seq` of the first event in it. */
  readonly first: number;
}

/** Delivers a batch; resolves when the host has accepted it. */
export type Deliver = (batch: PointBatch) => Promise<void>;

/**
 * Collects points into batches and has them delivered one after the other, so that the points of a
 * key arrive in order. Lanes work side by side.
 */
export class PointLane {
  readonly #type: PointBatch["type"];
  readonly #deliver: Deliver;
  #text = "";
  #items = 0;
  #first = 0;
  /** Full batches that nobody delivers yet, and the one under way in front. */
  readonly #waiting: PointBatch[] = [];
  #running: Promise<void> | undefined;
  /** Why nothing more is delivered. */
  #failure: Error | undefined;
  #open = false;

  constructor(type: PointBatch["type"], deliver: Deliver) {
    this.#type = type;
    this.#deliver = deliver;
  }

  /** Batches that wait or are under way. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether there is anything that was not accepted yet. */
  get empty(): boolean {
    return this.#items === 0 && this.#waiting.length === 0;
  }

  /** The `seq` of the first event that was not accepted yet; Infinity when there is none. */
  get first(): number {
    return this.#waiting[0]?.first ?? (this.#items === 0 ? Infinity : this.#first);
  }

  /** Adds an item that belongs to the event `seq`. */
  add(item: string, seq: number): void {
    if (this.#items === 0) {
      this.#first = seq;
      this.#text = item;
    } else this.#text += itemSeparator + item;
    this.#items++;
    if (this.#items >= mostItems || this.#text.length >= mostText) this.#close();
  }

  /** Begins to deliver; until then everything waits. */
  open(): void {
    this.#open = true;
    this.#run();
  }

  /** Has what was added delivered even though the batch is not full. */
  flush(): void {
    if (this.#items > 0) this.#close();
  }

  /**
   * Resolves when at most `most` batches wait.
   * @throws {ToolError} what the delivery of one threw; nothing behind it was sent then.
   */
  async settle(most: number): Promise<void> {
    while (this.#waiting.length > most && this.#open) {
      await this.#running;
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  #close(): void {
    this.#waiting.push({ type: this.#type, text: this.#text, first: this.#first });
    this.#text = "";
    this.#items = 0;
    this.#run();
  }

  #run(): void {
    if (!this.#open || this.#running !== undefined || this.#waiting.length === 0) return;
    this.#running = this.#drain().catch((error: Error) => {
      this.#failure = error;
    });
  }

  async #drain(): Promise<void> {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      await this.#deliver(batch);
      this.#waiting.shift();
    }
    this.#running = undefined;
  }
}
