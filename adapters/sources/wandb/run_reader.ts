import { basename } from "node:path";
import type { Context, EventOptions, Rest, RunReader, Tail } from "../../../src/adapter.ts";
import { MalformedProtobuf } from "../../../src/codec/protobuf.ts";
import { followItems } from "../../../src/codec/follow_items.ts";
import type { LogItem } from "../../../src/codec/record_log.ts";
import { CancelledError } from "../../../src/errors.ts";
import { GrowingFile } from "../../../src/files/growing_file.ts";
import type { RunDirectory } from "../../../src/files/run_directory.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import { type Identity, IdentityStream } from "./identity.ts";
import type { RunLog } from "./log_file.ts";
import { MediaFiles } from "./media_files.ts";
import { RecordReader } from "./record_reader.ts";
import { RunEvents } from "./run_events.ts";
import { SavedFiles } from "./saved_files.ts";
import { SideFiles } from "./side_files.ts";
import { syncedFrom } from "./sync_state.ts";

/** A run that was found and opened, piece by piece. */
export interface OpenRun {
  readonly info: RunInfo;
  /** Who the run is, by its first run record and the names of its files. */
  readonly identity: Identity;
  readonly files: RunDirectory;
  /** The run directory; absent when the run is a lone file. */
  readonly root: string | undefined;
  /** Absent when the directory has none. */
  readonly log: RunLog | undefined;
}

/** Bytes of a chunk's header in the log. */
const chunkHeader = 7;

/**
 * Reads one W&B run: the log to its end, whatever it says of having ended, and then what only the
 * files beside it have.
 */
export class WandbReader implements RunReader {
  readonly info: RunInfo;
  readonly isYoung: boolean;
  readonly #run: OpenRun;
  readonly #context: Context;
  tail: Tail | undefined;

  constructor(run: OpenRun, context: Context) {
    this.info = run.info;
    this.isYoung = run.log !== undefined && run.log.run === undefined;
    this.#run = run;
    this.#context = context;
  }

  entries(): AsyncIterable<SourceEntry> {
    return this.#run.files.entries();
  }

  file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    return this.#run.files.file(ref);
  }

  stamp(): Promise<string> {
    return this.#run.files.stamp();
  }

  async *events(
    options: EventOptions = {},
  ): AsyncGenerator<readonly RunEvent[], void, undefined> {
    this.tail = undefined;
    const reading = new Reading(this.#run, this.#context, options);
    for await (const events of reading.events()) {
      if (events.length > 0) yield events;
    }
    this.tail = reading.tail;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run.log?.[Symbol.asyncDispose]();
  }
}

/** One pass over a run. */
class Reading {
  readonly #run: OpenRun;
  readonly #context: Context;
  readonly #options: EventOptions;
  readonly #events = new RunEvents();
  readonly #identity: IdentityStream;
  readonly #saved: SavedFiles;
  readonly #records: RecordReader;
  tail: Tail | undefined;

  constructor(run: OpenRun, context: Context, options: EventOptions) {
    this.#run = run;
    this.#context = context;
    this.#options = options;
    const { root, identity, info } = run;
    const events = this.#events;
    const files = new MediaFiles(root);
    this.#identity = new IdentityStream(events, info.id, identity.writer);
    this.#saved = new SavedFiles(root, events, files);
    this.#records = new RecordReader({
      events,
      identity: this.#identity,
      files,
      saved: this.#saved,
      context,
      client: identity.writer.version,
    });
  }

  async *events(): AsyncGenerator<readonly RunEvent[], void, undefined> {
    const { log, identity } = this.#run;
    this.#identity.update(identity);
    if (log === undefined) this.#events.gap(0, 0, "the log of the run is missing");
    else if (log.empty !== undefined) this.tail = log.empty;
    else yield* this.#log(log);
    await this.#finish();
    yield this.#events.take();
  }

  async *#log(log: RunLog): AsyncGenerator<readonly RunEvent[], void, undefined> {
    const { follow } = this.#options;
    const { root, files } = this.#run;
    const step = root === undefined ? undefined : await syncedFrom(files, basename(log.path));
    if (step !== undefined) this.#records.start(step);
    await using file = new GrowingFile(log.path);
    const records = follow ? log.growing(file) : log.records();
    const rest = async (): Promise<Rest> => {
      await file.release();
      return await follow?.() ?? "end";
    };
    const isOver = (): boolean => this.#records.ending !== undefined;
    for await (const items of follow ? followItems(records, rest, isOver) : records.items()) {
      if (this.#context.signal.aborted) throw new CancelledError();
      for (const item of items) {
        const waiting = this.#item(item);
        if (waiting !== undefined) await waiting;
      }
      this.#records.settle();
      yield this.#events.take();
    }
    this.tail = records.tail;
  }

  #item(item: LogItem): Promise<void> | undefined {
    if (item.type === "gap") {
      this.#events.gap(item.offset, item.bytes, item.reason);
      return undefined;
    }
    try {
      return this.#records.take(item.payload);
    } catch (error) {
      if (!(error instanceof MalformedProtobuf)) throw error;
      const bytes = item.payload.length + chunkHeader;
      this.#events.gap(item.offset, bytes, "a record that cannot be decoded");
      return undefined;
    }
  }

  /** What the log leaves to its end, and what only files beside it have. */
  async #finish(): Promise<void> {
    const events = this.#events;
    const { config, console, environment, summary, ending } = this.#records;
    const side = this.#run.root === undefined ? undefined : new SideFiles(this.#run.files, events);
    if (console.isEmpty) {
      const text = await side?.console();
      if (text !== undefined) console.writeEmulated("stdout", text, undefined);
    }
    console.flush();
    if (config.isEmpty) config.object(await side?.config() ?? {});
    await this.#saved.finish(this.#run.files);
    const found = await side?.environment(!environment.isKnown) ?? {};
    environment.finish(found, config.internal);
    const { _wandb: _, ...rest } = await side?.summary() ?? {};
    const set = summary.result() ?? rest;
    if (Object.keys(set).length > 0) events.add({ type: "summary", seq: events.next(), set });
    if (ending !== undefined) events.add({ type: "finish", seq: events.next(), ...ending });
  }
}
