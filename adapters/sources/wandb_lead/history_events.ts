import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { FileRef } from "../../../src/model/file.ts";
import type { Integer, JsonObject } from "../../../src/model/json.ts";
import { type EventList, timed } from "./event_list.ts";
import { HistoryDecoder, type HistoryRow } from "./history_row.ts";
import type { KeyTable } from "./key_table.ts";
import { rowContent } from "./row_events.ts";
import { Steps } from "./steps.ts";

/** Turns history records into rows and media, each with its step and time. */
export class HistoryEvents {
  readonly #events: EventList;
  readonly #decoder: HistoryDecoder;
  readonly #resolve: (address: string) => FileRef | undefined;
  readonly #steps = new Steps();
  /** Start of the run in ms since epoch, for rows without a time of their own. */
  startedAt: number | undefined;
  /** Paths of the files that media named. */
  readonly named: Set<string> = new Set();

  /** `resolve` finds the file behind an address in one of the log's artifacts. */
  constructor(
    events: EventList,
    keys: KeyTable,
    resolve: (address: string) => FileRef | undefined,
  ) {
    this.#events = events;
    this.#decoder = new HistoryDecoder(keys);
    this.#resolve = resolve;
  }

  /** Goes on at a later step, as a resumed run does. */
  startAt(step: Integer): void {
    this.#steps.startAt(step);
  }

  /** Takes a HistoryRecord of so many bytes. */
  add(message: ProtobufReader, bytes: number): void {
    const row = this.#decoder.decode(message);
    this.#events.addMalformed("history", row.malformed);
    const step = this.#steps.assign(row.step, row.explicitStep);
    if (step === undefined) {
      this.#events.add({ type: "unknown", record: "history row whose step goes back", bytes });
      return;
    }
    const time = this.#time(row.timestamp, row.runtime);
    if (row.tree === undefined) this.#events.addRow(step, time, row.values);
    else this.#content(row.values, row.tree, step, time);
  }

  /** Passes on a row that has more than plain numbers. */
  #content(
    plain: HistoryRow["values"],
    tree: JsonObject,
    step: Integer,
    time: number | undefined,
  ): void {
    const { values, media, doubled } = rowContent(plain, tree, { step, resolve: this.#resolve });
    this.#events.addRow(step, time, values);
    this.#events.addMalformed("history", doubled.map((name) => `${name}, which the row has twice`));
    for (const { key, kind, items } of media) {
      for (const { file } of items) if (file !== undefined) this.named.add(file.path);
      this.#events.add({ type: "media", ...timed(time), step, key, kind, items });
    }
  }

  /** In ms since epoch: the row's own time, else the start of the run and its run time. */
  #time(timestamp: number | undefined, runtime: number | undefined): number | undefined {
    if (timestamp !== undefined) return timestamp * 1000;
    if (this.startedAt === undefined) return undefined;
    return this.startedAt + (runtime ?? 0) * 1000;
  }
}
