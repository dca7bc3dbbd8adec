import type { LogItem } from "../../../src/codec/record_log.ts";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { FinishEvent, Writer } from "../../../src/model/event.ts";
import type { Integer, JsonObject } from "../../../src/model/json.ts";
import { readAlert } from "./alert_record.ts";
import { Artifacts } from "./artifacts.ts";
import { chartEvents } from "./chart_config.ts";
import { type ConfigChange, readConfig } from "./config_record.ts";
import { type ConsoleLine, ConsoleLines } from "./console_lines.ts";
import { readEnvironment } from "./environment_record.ts";
import type { EventList } from "./event_list.ts";
import { readExitCode } from "./exit_record.ts";
import { readFiles, type RegisteredFile } from "./files_record.ts";
import { HistoryDecoder, type HistoryRow } from "./history_row.ts";
import { KeyTable } from "./key_table.ts";
import { fileRefs } from "../../../src/model/file_refs.ts";
import { readMetric } from "./metric_record.ts";
import { type Output, readLoggerOutput, readOutput } from "./output_record.ts";
import { rowContent } from "./row_events.ts";
import { readRun, type RunRecord } from "./run_record.ts";
import type { Identity } from "./run_reader.ts";
import type { Told } from "./side_files.ts";
import { readStats } from "./stats_record.ts";
import { Steps } from "./steps.ts";
import { SummaryFold } from "./summary_fold.ts";
import { readTelemetry } from "./telemetry_record.ts";

/** Bytes of a chunk's header in the log. */
const chunkHeader = 7;

/** Numbers of a Record's fields, the same in every version but 24 and 26. */
const record = {
  history: 2,
  summary: 3,
  output: 4,
  config: 5,
  files: 6,
  stats: 7,
  artifact: 8,
  tensorboard: 9,
  alert: 10,
  telemetry: 11,
  metric: 12,
  outputRaw: 13,
  run: 17,
  exit: 18,
  preempting: 23,
  link: 24,
  usedArtifact: 25,
  environment: 26,
  outputLogger: 27,
} as const;

/**
 * Fields that carry nothing of the run: number, control, request id, end marks, the header that was
 * read before, requests (which no client writes), and the stream id.
 */
const bookkeeping: ReadonlySet<number> = new Set([1, 16, 19, 20, 21, 22, 23, 100, 101, 200]);

/** Turns the records of one log, in order, into events. */
export class LogDecoder {
  readonly #events: EventList;
  readonly #writer: Writer;
  readonly #keys = new KeyTable();
  readonly #history = new HistoryDecoder(this.#keys);
  readonly #summary = new SummaryFold(this.#keys);
  readonly #console = new ConsoleLines();
  /** The artifacts of the log. */
  readonly artifacts: Artifacts = new Artifacts();
  readonly #steps = new Steps();
  /** What was passed on about charts, labels and the environment: clients repeat it all the time. */
  readonly #said = new Set<string>();
  /** Text of every run record that was passed on, to leave out repetitions. */
  #identity = "";
  #id: string;
  #startedAt: number | undefined;
  #line = 0;
  #exitCode: number | undefined;
  /** What was registered for upload, media left out. */
  readonly registered: RegisteredFile[] = [];
  /** Paths of files that events named. */
  readonly named: Set<string> = new Set();
  /** Whether the log says anything about these, so that the files beside it need not. */
  readonly told: { -readonly [thing in keyof Told]: boolean } = {
    config: false,
    summary: false,
    console: false,
    environment: false,
  };

  constructor(events: EventList, identity: Identity) {
    this.#events = events;
    this.#writer = identity.writer;
    this.#id = identity.id;
    this.#startedAt = identity.startedAt;
    this.#identify(identity);
  }

  /** Takes the next item of the log. */
  take(item: LogItem): void {
    if (item.type === "gap") {
      this.#events.add({
        type: "gap",
        offset: item.offset,
        bytes: item.bytes,
        reason: item.reason,
      });
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
    if (Object.keys(set).length > 0) {
      this.told.summary = true;
      this.#events.add({ type: "summary", set });
    }
    this.#malformed("summary", this.#summary.malformed);
  }

  /** How the run ended, once the log is at its end. */
  finish(): Omit<FinishEvent, "seq"> | undefined {
    if (this.#exitCode === undefined) return undefined;
    const state = this.#exitCode === 0 ? "finished" : "failed";
    return { type: "finish", state, exitCode: this.#exitCode };
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
    if (field === record.history) this.#row(message, own - message.position);
    else this.#summary.add(message);
    message.end = end;
    message.position = own;
  }

  #row(message: ProtobufReader, bytes: number): void {
    const row = this.#history.decode(message);
    this.#malformed("history", row.malformed);
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
    const place = { step, resolve: (address: string) => this.artifacts.resolve(address) };
    const { values, media, doubled } = rowContent(plain, tree, place);
    this.#events.addRow(step, time, values);
    this.#malformed("history", doubled.map((name) => `${name}, which the row has twice`));
    for (const { key, kind, items } of media) {
      for (const { file } of items) if (file !== undefined) this.named.add(file.path);
      this.#events.add({ type: "media", ...timed(time), step, key, kind, items });
    }
  }

  /** In ms since epoch: the row's own time, else the start of the run and its run time. */
  #time(timestamp: number | undefined, runtime: number | undefined): number | undefined {
    if (timestamp !== undefined) return timestamp * 1000;
    if (this.#startedAt === undefined) return undefined;
    return this.#startedAt + (runtime ?? 0) * 1000;
  }

  #other(message: ProtobufReader, field: number): void {
    const bytes = message.open() - message.position;
    const inner = new ProtobufReader(message.buffer, message.position, message.position + bytes);
    message.position += bytes;
    switch (field) {
      case record.run:
        return this.#run(readRun(inner));
      case record.config:
        return this.#config(readConfig(inner));
      case record.metric:
        return this.#metric(inner);
      case record.output:
      case record.outputRaw:
        return this.#output(readOutput(inner));
      case record.outputLogger:
        return this.#output(readLoggerOutput(inner));
      case record.stats:
        return this.#stats(inner);
      case record.telemetry:
        return this.#environment(readTelemetry(inner));
      case record.environment:
        return this.#environmentOrOlder(inner, bytes);
      case record.files:
        for (const file of readFiles(inner)) if (!file.isMedia) this.registered.push(file);
        return;
      case record.exit:
        this.#exitCode = readExitCode(inner);
        return;
      default:
        return this.#rare(inner, field, bytes);
    }
  }

  #rare(message: ProtobufReader, field: number, bytes: number): void {
    if (field === record.alert) this.#events.add(readAlert(message));
    else if (field === record.artifact) {
      const event = this.artifacts.add(message);
      for (const { path } of fileRefs({ ...event, seq: 0 })) this.named.add(path);
      this.#events.add(event);
    } else if (field === record.usedArtifact) this.#events.add(this.artifacts.use(message));
    else if (field !== record.link || bytes > 0) {
      this.#events.add({ type: "unknown", record: field, bytes });
    }
  }

  #run(run: RunRecord): void {
    const { config, startingStep, telemetry, git, ...identity } = run;
    this.#id = identity.id ?? this.#id;
    this.#startedAt = identity.startedAt ?? this.#startedAt;
    if (startingStep !== undefined) this.#steps.startAt(startingStep);
    this.#identify({ ...identity, id: this.#id, writer: this.#writer });
    if (config !== undefined) this.#config(config);
    if (telemetry !== undefined) this.#environment(telemetry);
    if (git !== undefined) this.#environment({ git });
  }

  /** Passes on who the run is, unless that was the last word anyway. */
  #identify(identity: Identity): void {
    const text = textOf(identity);
    if (text !== this.#identity) this.#events.add({ type: "run", ...identity });
    this.#identity = text;
  }

  #config({ set, remove, internal, malformed }: ConfigChange): void {
    if (Object.keys(set).length > 0 || remove.length > 0) {
      this.told.config = true;
      this.#events.add({ type: "config", set, ...(remove.length === 0 ? {} : { remove }) });
    }
    for (const event of chartEvents(internal)) {
      if (this.#isNews(event)) this.#events.add(event);
    }
    this.#malformed("config", malformed);
  }

  #metric(message: ProtobufReader): void {
    const metric = readMetric(message);
    if (metric !== undefined) this.#events.add(metric);
  }

  #output({ stream, text, time }: Output): void {
    this.told.console = true;
    this.print(this.#console.write(stream, text, time));
  }

  /** Passes on lines of the console. */
  print(lines: readonly ConsoleLine[]): void {
    for (const { stream, text, time } of lines) {
      this.#events.add({ type: "console", ...timed(time), stream, text, line: ++this.#line });
    }
  }

  #stats(message: ProtobufReader): void {
    const { time, values, malformed } = readStats(message);
    if (Object.keys(values).length > 0) {
      this.#events.add({ type: "system", ...timed(time), values });
    }
    this.#malformed("stats", malformed);
  }

  #environment(metadata: JsonObject): void {
    if (Object.keys(metadata).length === 0 || !this.#isNews(metadata)) return;
    this.#events.add({ type: "environment", metadata });
  }

  #isNews(value: unknown): boolean {
    const text = textOf(value);
    if (this.#said.has(text)) return false;
    this.#said.add(text);
    return true;
  }

  /** Field 26 was something else, of no use to anyone, in 0.16.5 and 0.16.6. */
  #environmentOrOlder(message: ProtobufReader, bytes: number): void {
    const { version } = this.#writer;
    if (version !== undefined && /^0\.(16|17)\./.test(version)) {
      this.#events.add({ type: "unknown", record: record.environment, bytes });
    } else {
      this.told.environment = true;
      this.#environment(readEnvironment(message));
    }
  }

  /** Values that are no JSON are named, not dropped. */
  #malformed(kind: string, names: readonly string[]): void {
    for (const name of names) {
      this.#events.add({ type: "unknown", record: `${kind} value of ${name}`, bytes: 0 });
    }
  }
}

/** A text that is equal for equal values. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? part.toString() : part) ??
    "";
}

function timed(time: number | undefined): { readonly time?: number } {
  return time === undefined ? {} : { time };
}
