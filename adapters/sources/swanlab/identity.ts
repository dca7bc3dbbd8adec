import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { FinishEvent, IdentityEvent } from "../../../src/model/event.ts";
import type { EventBatch } from "./event_batch.ts";

/** Who a run is, without its place in the stream. */
export type Identity = Omit<IdentityEvent, "type" | "seq">;

/** What a record says of who the run is. */
export type IdentityPart = Partial<Identity>;

/** How a run ended, without its place in the stream. */
export type Ending = Omit<FinishEvent, "type" | "seq">;

/** Passes on who the run is whenever that changes. */
export class IdentityStream {
  readonly #batch: EventBatch;
  #identity: Identity;
  #passedOn = "";

  constructor(batch: EventBatch, identity: Identity) {
    this.#batch = batch;
    this.#identity = identity;
  }

  /** Adds what a record says; a `run` event follows if that is new. */
  update(part: IdentityPart): void {
    this.#identity = { ...this.#identity, ...part };
    const text = writeLosslessJson(this.#identity);
    if (text === this.#passedOn) return;
    this.#passedOn = text;
    const { startedAt } = this.#identity;
    this.#batch.add({
      type: "run",
      seq: this.#batch.next(),
      ...(startedAt === undefined ? {} : { time: startedAt }),
      ...this.#identity,
    });
  }
}

/** Drops what is undefined, null or an empty text or list: trackers write these for "not given". */
export function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) =>
      value !== undefined && value !== null && value !== "" &&
      !(Array.isArray(value) && value.length === 0)
    ),
  ) as { [Name in keyof Fields]?: NonNullable<Fields[Name]> };
}
