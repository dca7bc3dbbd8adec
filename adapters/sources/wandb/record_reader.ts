import type { Buffer } from "node:buffer";
import type { Context } from "../../../src/adapter.ts";
import { ProtobufReader, wire } from "../../../src/codec/protobuf.ts";
import type { FinishEvent } from "../../../src/model/event.ts";
import type { Integer } from "../../../src/model/json.ts";
import { ConfigFold } from "./config_fold.ts";
import { Artifacts } from "./artifacts.ts";
import { Console, type Stream } from "./console.ts";
import { Environment } from "./environment.ts";
import { HistoryReader } from "./history_reader.ts";
import { identityOf, type IdentityStream } from "./identity.ts";
import { given, member, numberOf, textOf } from "./json_fields.ts";
import type { MediaFiles } from "./media_files.ts";
import { bool, type Message, type OnUnknownField, readMessage, readTime } from "./message.ts";
import { passMetric } from "./metric_record.ts";
import { recordKinds as kinds, silent } from "./record_kinds.ts";
import type { RunEvents } from "./run_events.ts";
import { run as runMessage } from "./run_message.ts";
import type { SavedFiles } from "./saved_files.ts";
import { passStats } from "./stats_record.ts";
import { SummaryFold } from "./summary_fold.ts";

const alert: Message = { 1: "title", 2: "text", 3: "level", 4: "wait_duration" };
const exit: Message = { 1: "exit_code", 2: "runtime", 3: bool("not_complete") };
/** Clients that wrote something else as record 26. */
const beforeEnvironment = /^0\.1\d\./;

/** What a {@link RecordReader} works with. */
export interface RecordParts {
  readonly events: RunEvents;
  readonly identity: IdentityStream;
  readonly files: MediaFiles;
  readonly saved: SavedFiles;
  readonly context: Context;
  /** Version of the client, where it is known. */
  readonly client: string | undefined;
}

/** Takes in a record of one kind; a promise must be waited for before the next record. */
type Handler = (reader: ProtobufReader) => Promise<void> | undefined | void;

/** Turns the records of one log into events. */
export class RecordReader {
  readonly #parts: RecordParts;
  readonly #events: RunEvents;
  readonly #history: HistoryReader;
  readonly #artifacts: Artifacts;
  readonly #handlers: ReadonlyMap<number, Handler>;
  readonly config: ConfigFold;
  readonly console: Console;
  readonly environment: Environment;
  readonly summary: SummaryFold;
  /** How the run ended, as far as the records say. */
  ending: Omit<FinishEvent, "type" | "seq"> | undefined;
  #field = 0;
  #isStarted = false;

  constructor(parts: RecordParts) {
    const { events, context } = parts;
    this.#parts = parts;
    this.#events = events;
    this.config = new ConfigFold(events);
    this.console = new Console(events);
    this.environment = new Environment(events, this.#onUnknown);
    this.summary = new SummaryFold(({ path, bytes }) =>
      events.unknown(`summary ${path.slice(0, 100).join(".")}`, bytes)
    );
    this.#artifacts = new Artifacts(events, this.#onUnknown, context);
    this.#history = new HistoryReader(parts, {
      files: parts.files,
      labels: (kind, key, name) => this.config.labels(kind, key, name),
      artifactFile: (address) => this.#artifacts.file(address),
    });
    this.#handlers = this.#table();
  }

  /**
   * Takes in one record. What it returns, if anything, must be waited for before the next one. Its
   * bytes must stay as they are until {@link settle}.
   * @throws {MalformedProtobuf} when the payload is no record.
   */
  take(payload: Buffer): Promise<void> | undefined {
    const reader = new ProtobufReader(payload);
    let waiting: Promise<void> | undefined;
    while (reader.next()) {
      const { field } = reader;
      if (silent.has(field) || reader.wireType !== wire.bytes) {
        const before = reader.position;
        reader.skip();
        if (!silent.has(field)) this.#events.unknown(field, reader.position - before);
        continue;
      }
      const end = reader.open();
      const start = reader.position;
      reader.position = end;
      if (field === kinds.history) this.#history.take(payload, start, end);
      else if (field === kinds.summary) this.summary.add(payload, start, end);
      else waiting = this.#cold(field, new ProtobufReader(payload, start, end)) ?? waiting;
    }
    return waiting;
  }

  /** Sets the step that the first row has at least. */
  start(step: Integer): void {
    this.#history.start(step);
  }

  /** Copies what is needed of the records so far, so that their bytes may go. */
  settle(): void {
    this.summary.settle();
  }

  #cold(field: number, reader: ProtobufReader): Promise<void> | undefined {
    this.#field = field;
    const handler = this.#handlers.get(field);
    if (handler === undefined) {
      this.#events.unknown(field, reader.end - reader.position);
      return undefined;
    }
    return handler(reader) ?? undefined;
  }

  #table(): ReadonlyMap<number, Handler> {
    const { environment } = this;
    return new Map<number, Handler>([
      [kinds.output, (reader) => this.#output(reader, true)],
      [kinds.outputRaw, (reader) => this.#output(reader, false)],
      [kinds.outputLogger, (reader) => this.#logger(reader)],
      [kinds.config, (reader) => this.config.record(reader)],
      [kinds.files, (reader) => this.#parts.saved.record(reader)],
      [kinds.stats, (reader) => passStats(reader, this.#events)],
      [kinds.artifact, (reader) => this.#artifacts.made(reader)],
      [kinds.useArtifact, (reader) => this.#artifacts.used(reader)],
      [kinds.linkArtifact, (reader) => this.#artifacts.linked(reader)],
      [kinds.tensorboard, (reader) => environment.tensorboard(reader)],
      [kinds.alert, (reader) => this.#alert(reader)],
      [kinds.telemetry, (reader) => environment.telemetry(reader)],
      [kinds.metric, (reader) => passMetric(reader, this.#events, this.#onUnknown)],
      [kinds.run, (reader) => this.#run(reader)],
      [kinds.exit, (reader) => this.#exit(reader)],
      [kinds.preempting, () => void (environment.preempting = true)],
      [
        kinds.environment,
        beforeEnvironment.test(this.#parts.client ?? "")
          ? (reader): void => environment.launch(reader)
          : (reader): void => environment.record(reader),
      ],
    ]);
  }

  readonly #onUnknown: OnUnknownField = (field, bytes) => {
    this.#events.unknown(`${this.#field}.${field}`, bytes);
  };

  #run(reader: ProtobufReader): void {
    const { position, end, buffer } = reader;
    const record = readMessage(reader, runMessage, {}, this.#onUnknown);
    if (!this.#isStarted) {
      this.#isStarted = true;
      const step = member(record, "starting_step");
      if (typeof step === "number" || typeof step === "bigint") this.#history.start(step);
    }
    this.#parts.identity.update(identityOf(record));
    this.environment.run(record);
    const fields = new ProtobufReader(buffer, position, end);
    while (fields.next()) {
      if (fields.field === 4) this.config.record(fields.message());
      else if (fields.field === 5) {
        const summary = fields.message();
        this.summary.add(buffer, summary.position, summary.end);
      } else fields.skip();
    }
  }

  /** OutputRecord and OutputRawRecord; a missing type means stderr. */
  #output(reader: ProtobufReader, isEmulated: boolean): void {
    let stream: Stream = "stderr";
    let time: number | undefined;
    let text = "";
    while (reader.next()) {
      if (reader.field === 1) stream = reader.uint() === 1 ? "stdout" : "stderr";
      else if (reader.field === 2) time = readTime(reader.message());
      else if (reader.field === 3) text = reader.string();
      else reader.skip();
    }
    if (isEmulated) this.console.writeEmulated(stream, text, time);
    else this.console.write(stream, text, time);
  }

  /** OutputLoggerRecord. */
  #logger(reader: ProtobufReader): void {
    while (reader.next()) {
      if (reader.field === 1) this.console.writeLogged(reader.string());
      else reader.skip();
    }
  }

  #alert(reader: ProtobufReader): void {
    const record = readMessage(reader, alert, {}, this.#onUnknown);
    this.#events.add({
      type: "alert",
      seq: this.#events.next(),
      title: textOf(record, "title") ?? "",
      text: textOf(record, "text") ?? "",
      level: textOf(record, "level") ?? "",
    });
  }

  /** The exit of a secondary writer of a shared run does not end the run. */
  #exit(reader: ProtobufReader): void {
    const bytes = reader.end - reader.position;
    const record = readMessage(reader, exit, {}, this.#onUnknown);
    if (member(record, "not_complete") === true) {
      this.#events.unknown("exit of a secondary writer", bytes);
      return;
    }
    const exitCode = numberOf(record, "exit_code") ?? 0;
    const { startedAt } = this.#parts.identity;
    const runtime = numberOf(record, "runtime") ?? 0;
    const time = startedAt === undefined ? undefined : startedAt + runtime * 1000;
    const failed = this.environment.preempting ? "aborted" : "failed";
    this.ending = { ...given({ time }), state: exitCode === 0 ? "finished" : failed, exitCode };
  }
}
