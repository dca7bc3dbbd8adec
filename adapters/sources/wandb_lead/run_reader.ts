import type { Context, RunReader, Tail } from "../../../src/adapter.ts";
import { RecordLog } from "../../../src/codec/record_log.ts";
import { CancelledError } from "../../../src/errors.ts";
import type { RunDirectory } from "../../../src/files/run_directory.ts";
import type { IdentityEvent, RunEvent } from "../../../src/model/event.ts";
import type { FileRef, SourceEntry } from "../../../src/model/file.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import { ArtifactFiles } from "./artifact_files.ts";
import { ConsoleLines } from "./console_lines.ts";
import { EventList } from "./event_list.ts";
import { LogDecoder } from "./log_decoder.ts";
import type { LogHead } from "./log_head.ts";
import { passOnSaved } from "./saved_files.ts";
import { SideFiles } from "./side_files.ts";

/** Who a run is, as its events begin. */
export type Identity = Omit<IdentityEvent, "seq" | "type">;

/** A run that was found and opened. */
export interface OpenRun {
  readonly info: RunInfo;
  readonly identity: Identity;
  readonly files: RunDirectory;
  /** Absent when the run directory has no log, or one with no record in it. */
  readonly log?: LogHead;
  /** Why there is no log, when it should be there. */
  readonly missing?: string;
  /** Whether the run is a lone log, without a directory of its own. */
  readonly lone: boolean;
}

/**
 * Reads one W&B run: the log to its end, then what only the files beside it tell, the saved files,
 * and how the run ended.
 */
export class WandbReader implements RunReader {
  readonly info: RunInfo;
  tail: Tail | undefined;
  readonly #run: OpenRun;
  readonly #context: Context;
  readonly #artifactFiles: ArtifactFiles;

  constructor(run: OpenRun, context: Context) {
    this.info = run.info;
    this.#run = run;
    this.#context = context;
    this.#artifactFiles = new ArtifactFiles(run.files, context);
  }

  entries(): AsyncIterable<SourceEntry> {
    return this.#run.files.entries();
  }

  file(ref: FileRef): Promise<ReadableStream<Uint8Array>> {
    return this.#artifactFiles.file(ref);
  }

  stamp(): Promise<string> {
    return this.#run.files.stamp();
  }

  async *events(): AsyncGenerator<readonly RunEvent[], void, undefined> {
    this.tail = undefined;
    const { identity, log, missing, lone } = this.#run;
    const events = new EventList();
    const decoder = new LogDecoder(events, identity);
    this.#artifactFiles.digests = decoder.artifacts.digests;
    if (log !== undefined) yield* this.#log(log, decoder, events);
    else if (missing !== undefined) {
      events.add({ type: "gap", offset: 0, bytes: 0, reason: missing });
    }
    decoder.end();
    if (!lone) yield* this.#beside(decoder, events);
    const finish = decoder.finish();
    if (finish !== undefined) events.add(finish);
    yield* taken(events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run.log?.file[Symbol.asyncDispose]();
  }

  async *#log(
    head: LogHead,
    decoder: LogDecoder,
    events: EventList,
  ): AsyncGenerator<readonly RunEvent[], void, undefined> {
    if (head.empty !== undefined) {
      this.tail = { offset: 0, bytes: head.file.size, reason: head.empty };
      return;
    }
    const log = new RecordLog(head.file, { start: head.start });
    for await (const items of log.items()) {
      if (this.#context.signal.aborted) throw new CancelledError();
      for (const item of items) decoder.take(item);
      yield* taken(events);
    }
    this.tail = log.tail;
  }

  async *#beside(
    decoder: LogDecoder,
    events: EventList,
  ): AsyncGenerator<readonly RunEvent[], void, undefined> {
    const sideFiles = new SideFiles(this.#run.files, events);
    if (!decoder.told.console) {
      for await (const lines of sideFiles.console(new ConsoleLines())) {
        decoder.print(lines);
        yield* taken(events);
      }
    }
    await sideFiles.passOn(decoder.told);
    await passOnSaved(this.#run.files, decoder.registered, decoder.named, events);
  }
}

function* taken(events: EventList): Generator<readonly RunEvent[], void, undefined> {
  const list = events.take();
  if (list.length > 0) yield list;
}
