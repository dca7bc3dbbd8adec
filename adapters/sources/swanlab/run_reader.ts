import { createHash } from "node:crypto";
import type { Context, EventOptions, Rest, RunReader, Tail } from "../../../src/adapter.ts";
import { followItems } from "../../../src/codec/follow_items.ts";
import type { LogItem } from "../../../src/codec/record_log.ts";
import { CancelledError } from "../../../src/errors.ts";
import { GrowingFile } from "../../../src/files/growing_file.ts";
import type { RunDirectory } from "../../../src/files/run_directory.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import { EventBatch, type Repeats } from "./event_batch.ts";
import { type Ending, type Identity, IdentityStream } from "./identity.ts";
import { KeyTable } from "./key_table.ts";
import { type DecoderOutput, isMalformed, type LogDecoder } from "./log_decoder.ts";
import type { LocalRun } from "./local_run.ts";
import { type NoLog, recordsOf, type RunLog } from "./log_file.ts";
import { SavedFiles } from "./saved_files.ts";
import { Sidecars } from "./sidecars.ts";
import { TextFiles } from "./text_files.ts";

/** A run that was found and opened, piece by piece. */
export interface OpenRun {
  readonly info: RunInfo;
  readonly identity: Identity;
  readonly files: RunDirectory;
  /** The run directory; absent when the run is a lone file. */
  readonly root: string | undefined;
  /** The log, or why there is none; absent in layouts without one. */
  readonly log: RunLog | NoLog | undefined;
  /** What the local mode wrote; absent when it did not. */
  readonly local: LocalRun | undefined;
}

/** Clients that let a later point of the same step replace the earlier one. */
const overwriting = /^0\.7\.1[234](?!\d)/;
/** Bytes of a frame's header. */
const frameHeader = 7;

/**
 * Reads one SwanLab run: who it is, configuration and environment, then the log, then what only the
 * local mode's files have, the saved files, and the end. Of points with the same key and step in a
 * JSON log the first counts, but every one is passed on, so that the last one wins, for 0.7.12 to
 * 0.7.14.
 */
export class SwanlabReader implements RunReader {
  readonly info: RunInfo;
  readonly isYoung: boolean;
  readonly #run: OpenRun;
  readonly #context: Context;
  tail: Tail | undefined;

  constructor(run: OpenRun, context: Context) {
    this.info = run.info;
    this.isYoung = isLog(run.log)
      ? !run.log.identity.some(({ id, name, color }) => id ?? name ?? color)
      : run.log?.isBegun === true;
    this.#run = run;
    this.#context = context;
  }

  entries(): AsyncIterable<SourceEntry> {
    return this.#run.files.entries();
  }

  file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    return this.#run.files.file(ref);
  }

  async stamp(): Promise<string> {
    const { files, local } = this.#run;
    const stamp = await files.stamp();
    if (local === undefined) return stamp;
    return createHash("sha256").update(stamp).update(await local.stamp())
      .digest("hex");
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

  /** Nothing stays open between two passes. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** One pass over a run. */
class Reading {
  readonly #run: OpenRun;
  readonly #context: Context;
  readonly #options: EventOptions;
  readonly #batch: EventBatch;
  readonly #keys: KeyTable = new KeyTable();
  readonly #texts: TextFiles;
  readonly #saved: SavedFiles;
  readonly #identity: IdentityStream;
  #ending: Ending | undefined;
  #damaged = false;
  tail: Tail | undefined;

  constructor(run: OpenRun, context: Context, options: EventOptions) {
    this.#run = run;
    this.#context = context;
    this.#options = options;
    this.#batch = new EventBatch(repeatsOf(run));
    this.#texts = new TextFiles(run.files);
    this.#saved = new SavedFiles(run.root, this.#batch, context.followOutside);
    this.#identity = new IdentityStream(this.#batch, run.identity);
  }

  async *events(): AsyncGenerator<readonly RunEvent[], void, undefined> {
    const { log, root } = this.#run;
    this.#identity.update({});
    const replaced = root === undefined
      ? new Set<string>()
      : await new Sidecars(this.#run.files).passOn(this.#batch);
    yield this.#batch.take();
    if (isLog(log)) yield* this.#log(log);
    else if (log !== undefined) this.#noLog(log);
    yield* this.#local();
    await this.#saved.rest(replaced);
    this.#finish();
    this.#batch.flush();
    yield this.#batch.take();
  }

  async *#log(
    log: RunLog,
  ): AsyncGenerator<readonly RunEvent[], void, undefined> {
    await using file = new GrowingFile(log.path);
    const { follow } = this.#options;
    const items = recordsOf(file, log, follow !== undefined);
    const output: DecoderOutput = {
      batch: this.#batch,
      keys: this.#keys,
      identity: this.#identity,
      saved: this.#saved,
      texts: this.#texts,
    };
    const { version } = this.#run.identity.writer;
    const decoder = log.records.decoder(output, version);
    const rest = async (): Promise<Rest> => {
      await file.release();
      return await follow?.() ?? "end";
    };
    const isOver = (): boolean => decoder.ending !== undefined;
    for await (const piece of follow ? followItems(items, rest, isOver) : items.items()) {
      if (this.#context.signal.aborted) throw new CancelledError();
      for (const item of piece) this.#item(item, decoder);
      if (piece.length === 0) this.#batch.flush();
      await this.#texts.fill();
      yield this.#batch.take();
    }
    this.#ending = decoder.ending;
    this.tail = items.tail;
    if (this.tail !== undefined) this.#damaged = true;
  }

  #item(item: LogItem, decoder: LogDecoder): void {
    if (item.type === "record") {
      try {
        decoder.take(item.payload);
      } catch (error) {
        if (!isMalformed(error)) throw error;
        const bytes = item.payload.length + frameHeader;
        this.#gap(item.offset, bytes, "a record that cannot be decoded");
      }
    } else this.#gap(item.offset, item.bytes, item.reason);
  }

  #gap(offset: number, bytes: number, reason: string): void {
    this.#damaged = true;
    const seq = this.#batch.next();
    this.#batch.add({ type: "gap", seq, offset, bytes, reason });
  }

  #noLog(log: NoLog): void {
    if (log.isBegun) {
      this.#damaged = true;
      this.tail = { offset: 0, bytes: log.bytes, reason: log.reason };
    } else this.#gap(0, log.bytes, log.reason);
  }

  /** What the local mode's files have and the log has not. */
  async *#local(): AsyncGenerator<readonly RunEvent[], void, undefined> {
    const { local, log } = this.#run;
    if (local === undefined) return;
    this.#ending ??= await local.ending();
    const isAlone = !isLog(log);
    if (!isAlone && !this.#damaged) return;
    if (local.problem !== undefined) this.#gap(0, 0, local.problem);
    if (isAlone) local.declare(this.#batch);
    for await (const tail of local.points(this.#batch, this.#keys, this.#texts)) {
      this.tail ??= tail;
      if (this.#context.signal.aborted) throw new CancelledError();
      await this.#texts.fill();
      yield this.#batch.take();
    }
    if (!isAlone) return;
    for await (const _ of local.console(this.#batch)) yield this.#batch.take();
  }

  #finish(): void {
    if (this.#ending === undefined) return;
    const seq = this.#batch.next();
    this.#batch.add({ type: "finish", seq, ...this.#ending });
  }
}

function isLog(log: OpenRun["log"]): log is RunLog {
  return log !== undefined && "records" in log;
}

/** What to do with points of the same key and step; see {@link SwanlabReader}. */
function repeatsOf({ log, local, identity }: OpenRun): Repeats | undefined {
  if (!isLog(log)) return undefined;
  if (log.label.startsWith("G2")) {
    const isOverwriting = overwriting.test(identity.writer.version ?? "");
    return isOverwriting ? "all" : "first";
  }
  // A protobuf record has a number of its own; steps only matter for what the local files add.
  return local === undefined ? undefined : "all";
}
