import type { LogItem } from "../../../src/codec/record_log.ts";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { ArtifactEvent, FinishEvent } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { fileRefs } from "../../../src/model/file_refs.ts";
import { readAlert } from "./alert_record.ts";
import { Artifacts } from "./artifacts.ts";
import { readConfig } from "./config_record.ts";
import { type ConsoleLine, ConsoleLines } from "./console_lines.ts";
import { type EventList, timed, type Unnumbered } from "./event_list.ts";
import { readExitCode } from "./exit_record.ts";
import { readFiles, type RegisteredFile } from "./files_record.ts";
import { HistoryEvents } from "./history_events.ts";
import { KeyTable } from "./key_table.ts";
import { readMetric } from "./metric_record.ts";
import { type Output, readLoggerOutput, readOutput } from "./output_record.ts";
import { bookkeeping, record } from "./record_fields.ts";
import { RunEvents } from "./run_events.ts";
import type { Identity } from "./run_reader.ts";
import { readRun, type RunRecord } from "./run_record.ts";
import type { Told } from "./side_files.ts";
import { readStats, type Stats } from "./stats_record.ts";
import { SummaryFold } from "./summary_fold.ts";
import { readTelemetry } from "./telemetry_record.ts";

/** Bytes of a chunk's header in the log. */
const chunkHeader = 7;

/** Turns the records of one log, in order, into events. */
export class LogDecoder {
  readonly #events: EventList;
  readonly #run: RunEvents;
  readonly #history: HistoryEvents;
  readonly #summary: SummaryFold;
  readonly #console = new ConsoleLines();
  #line = 0;
  #exitCode: number | undefined;
  #hasConsole = false;
  #hasSummary = false;
  /** The artifacts of the log. */
  readonly artifacts: Artifacts = new Artifacts();
  /** What was registered for upload, media left out. */
  readonly registered: RegisteredFile[] = [];

  constructor(events: EventList, identity: Identity) {
    this.#events = events;
    const keys = new KeyTable();
    const resolve = (address: string): FileRef | undefined => this.artifacts.resolve(address);
    this.#history = new HistoryEvents(events, keys, resolve);
    this.#history.startedAt = identity.startedAt;
    this.#summary = new SummaryFold(keys);
    this.#run = new RunEvents(events, identity);
  }

  /** Paths of files that events named. */
  get named(): ReadonlySet<string> {
    return this.#history.named;
  }

  /** What the log said, so that the files beside it need not; known at its end. */
  get told(): Told {
    return { ...this.#run.told, console: this.#hasConsole, summary: this.#hasSummary };
  }

  /** Takes the next item of the log. */
  take(item: LogItem): void {
    if (item.type === "gap") {
      this.#events.add({ ...item });
      return;
    }
    try {
      this.#record(new ProtobufReader(item.payload));
    } catch (error) {
      if (!(error instanceof MalformedProtobuf)) throw error;
      const bytes = item.payload.length + chunkHeader;
      const reason = "a record that cannot be decoded";
      this.#events.add({ type: "gap", offset: item.offset, bytes, reason });
    }
  }

  /** Ends the log: the lines that are still open and the summary. */
  end(): void {
    this.print(this.#console.end());
    const set = this.#summary.result();
    this.#hasSummary = Object.keys(set).length > 0;
    if (this.#hasSummary) this.#events.add({ type: "summary", set });
    this.#events.addMalformed("summary", this.#summary.malformed);
  }

  /** How the run ended, once the log is at its end. */
  finish(): Omit<FinishEvent, "seq"> | undefined {
    if (this.#exitCode === undefined) return undefined;
    const state = this.#exitCode === 0 ? "finished" : "failed";
    return { type: "finish", state, exitCode: this.#exitCode };
  }

  /** Passes on lines of the console. */
  print(lines: readonly ConsoleLine[]): void {
    for (const { stream, text, time } of lines) {
      this.#events.add({ type: "console", ...timed(time), stream, text, line: ++this.#line });
    }
  }

  #record(message: ProtobufReader): void {
    while (message.next()) {
      const { field } = message;
      if (bookkeeping.has(field) || message.wireType !== 2) message.skip();
      else if (field === record.history || field === record.summary) this.#bulk(message, field);
      else this.#other(message, field);
    }
  }

  /** The two kinds of record that come once or more for every row, decoded in place. */
  #bulk(message: ProtobufReader, field: number): void {
    const { end } = message;
    const own = message.open();
    message.end = own;
    if (field === record.history) this.#history.add(message, own - message.position);
    else this.#summary.add(message);
    message.end = end;
    message.position = own;
  }

  #other(message: ProtobufReader, field: number): void {
    const bytes = message.open() - message.position;
    const inner = new ProtobufReader(message.buffer, message.position, message.position + bytes);
    message.position += bytes;
    switch (field) {
      case record.run:
        return this.#identity(readRun(inner));
      case record.config:
        return this.#run.config(readConfig(inner));
      case record.output:
      case record.outputRaw:
        return this.#output(readOutput(inner));
      case record.outputLogger:
        return this.#output(readLoggerOutput(inner));
      case record.stats:
        return this.#stats(readStats(inner));
      case record.telemetry:
        return this.#run.environment(readTelemetry(inner));
      case record.environment:
        return this.#run.environmentRecord(inner, bytes);
      default:
        return this.#rare(inner, field, bytes);
    }
  }

  #rare(message: ProtobufReader, field: number, bytes: number): void {
    switch (field) {
      case record.metric:
        return this.#add(readMetric(message));
      case record.alert:
        return this.#add(readAlert(message));
      case record.artifact:
        return this.#artifact(this.artifacts.add(message));
      case record.usedArtifact:
        return this.#add(this.artifacts.use(message));
      case record.files:
        for (const file of readFiles(message)) if (!file.isMedia) this.registered.push(file);
        return;
      case record.exit:
        this.#exitCode = readExitCode(message);
        return;
      default:
        if (field === record.link && bytes === 0) return;
        this.#events.add({ type: "unknown", record: field, bytes });
    }
  }

  #add(event: Unnumbered | undefined): void {
    if (event !== undefined) this.#events.add(event);
  }

  #identity(run: RunRecord): void {
    this.#history.startedAt = run.startedAt ?? this.#history.startedAt;
    if (run.startingStep !== undefined) this.#history.startAt(run.startingStep);
    this.#run.run(run);
  }

  #artifact(event: Omit<ArtifactEvent, "seq">): void {
    for (const { path } of fileRefs({ ...event, seq: 0 })) this.#history.named.add(path);
    this.#events.add(event);
  }

  #output({ stream, text, time }: Output): void {
    this.#hasConsole = true;
    this.print(this.#console.write(stream, text, time));
  }

  #stats({ time, values, malformed }: Stats): void {
    if (Object.keys(values).length > 0) {
      this.#events.add({ type: "system", ...timed(time), values });
    }
    this.#events.addMalformed("stats", malformed);
  }
}
