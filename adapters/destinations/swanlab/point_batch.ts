import { Buffer } from "node:buffer";
import { itemSeparator } from "./item_text.ts";

/** Bytes left free in front of the items, for what a request says before them. */
const headRoom = 1024;
/** Characters that are joined before they become bytes: long ropes of texts are slow to walk. */
const mostPending = 1 << 13;

/** What a batch holds. */
export type PointType = "scalar" | "media" | "log";

/** The items of one request, as the bytes that are sent. Its memory serves many requests. */
export class PointBatch {
  readonly type: PointType;
  /** The `seq` of the first event in it. */
  first = 0;
  /** How many items it holds. */
  count = 0;
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(1 << 16);
  #used = headRoom;
  #pending = "";

  constructor(type: PointType) {
    this.type = type;
  }

  /** Empties it for items from the event `seq` on. */
  begin(seq: number): this {
    this.first = seq;
    this.count = 0;
    this.#used = headRoom;
    this.#pending = "";
    return this;
  }

  /** Bytes of the items, as far as they are known. */
  get size(): number {
    return this.#used - headRoom + this.#pending.length;
  }

  /** Adds an item as JSON. */
  add(item: string): void {
    this.#pending += this.count === 0 ? item : itemSeparator + item;
    this.count++;
    if (this.#pending.length >= mostPending) this.#settle();
  }

  /** The items with {@link itemSeparator} between them. */
  get text(): string {
    this.#settle();
    return this.#bytes.toString("utf8", headRoom, this.#used);
  }

  /** The items between two texts; valid until the next call. */
  body(head: string, tail: string): Uint8Array<ArrayBuffer> {
    this.#pending += tail;
    this.#settle();
    const end = this.#used;
    this.#used -= Buffer.byteLength(tail);
    const length = Buffer.byteLength(head);
    if (length > headRoom) return Buffer.from(head + this.text + tail);
    this.#bytes.write(head, headRoom - length);
    return this.#bytes.subarray(headRoom - length, end);
  }

  #settle(): void {
    if (this.#pending === "") return;
    const end = this.#used + Buffer.byteLength(this.#pending);
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    this.#used += this.#bytes.write(this.#pending, this.#used);
    this.#pending = "";
  }
}
