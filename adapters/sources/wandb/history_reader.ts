import type { Buffer } from "node:buffer";
import type { HistoryEvent } from "../../../src/model/event.ts";
import type { Integer } from "../../../src/model/json.ts";
import { HistoryItems } from "./history_items.ts";
import { HistoryRow } from "./history_row.ts";
import type { IdentityStream } from "./identity.ts";
import { mediaOf, type MediaSources } from "./media_value.ts";
import type { RunEvents } from "./run_events.ts";
import type { SavedFiles } from "./saved_files.ts";
import { readSlowly } from "./slow_row.ts";
import { StepCounter } from "./step_counter.ts";

/** What a {@link HistoryReader} works with. */
export interface HistoryParts {
  readonly events: RunEvents;
  readonly identity: IdentityStream;
  readonly saved: SavedFiles;
}

/** Turns history records into rows, each followed by its media. */
export class HistoryReader {
  readonly #parts: HistoryParts;
  readonly #events: RunEvents;
  readonly #media: MediaSources;
  readonly #items = new HistoryItems();
  readonly #row = new HistoryRow();
  readonly #steps = new StepCounter();

  constructor(parts: HistoryParts, media: MediaSources) {
    this.#parts = parts;
    this.#events = parts.events;
    this.#media = media;
  }

  /** Sets the step that the run was started with. */
  start(step: Integer): void {
    this.#steps.start(step);
  }

  /**
   * Takes in the history record between `start` and `end`. A row that asks for a step that is over
   * is void, as at the tracker, but not passed over in silence.
   * @throws {MalformedProtobuf} when the bytes are no such record.
   */
  take(buffer: Buffer, start: number, end: number): void {
    const row = this.#row;
    if (!this.#items.read(row, buffer, start, end)) readSlowly(row, buffer, start, end);
    const step = this.#steps.step(row.step, row.recordStep);
    const events = this.#events;
    if (step === undefined) {
      events.unknown(`history row whose step ${row.recordStep} is over`, end - start);
      return;
    }
    const time = this.#time();
    const { values } = row;
    const seq = events.next();
    const event: HistoryEvent = time === undefined
      ? { type: "history", seq, step, values }
      : { type: "history", seq, time, step, values };
    events.add(event);
    if (row.special.length > 0) this.#passMedia(step, time);
    for (const { path, bytes } of row.unread) {
      events.unknown(`history ${path.slice(0, 100).join(".")}`, bytes);
    }
  }

  /** When the row was logged, in ms since epoch. */
  #time(): number | undefined {
    const { timestamp, runtime } = this.#row;
    if (timestamp !== undefined) return timestamp * 1000;
    const { startedAt } = this.#parts.identity;
    return startedAt === undefined ? undefined : startedAt + (runtime ?? 0) * 1000;
  }

  #passMedia(step: Integer, time: number | undefined): void {
    for (const special of this.#row.special) {
      for (const media of mediaOf(special, step, this.#media)) {
        for (const { file } of media.items) {
          if (file !== undefined) this.#parts.saved.name(file);
        }
        const seq = this.#events.next();
        this.#events.add(
          time === undefined
            ? { type: "media", seq, step, ...media }
            : { type: "media", seq, time, step, ...media },
        );
      }
    }
  }
}
