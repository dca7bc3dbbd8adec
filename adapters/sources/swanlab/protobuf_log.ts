import type { Buffer } from "node:buffer";
import { MalformedProtobuf, ProtobufReader, wire } from "../../../src/codec/protobuf.ts";
import type { FinishEvent, MediaItem } from "../../../src/model/event.ts";
import type { Integer } from "../../../src/model/json.ts";
import { type Ending, given, type IdentityPart } from "./identity.ts";
import type { Key } from "./key_table.ts";
import type { DecoderOutput, LogDecoder, RecordFormat } from "./log_decoder.ts";
import { NumberSet } from "./number_set.ts";
import { columnKinds, readColumn } from "./protobuf_column.ts";
import {
  readFinish,
  readLog,
  readMedia,
  readSave,
  readScalar,
  readStart,
  readTime,
} from "./protobuf_messages.ts";
import { ScalarRecords } from "./scalar_record.ts";
import { withTime } from "./timestamp.ts";

/** The members of a record that hold its content; the four pointers were in 0.8.0rc1 to rc4 only. */
const member = {
  start: 10,
  finish: 11,
  column: 12,
  scalar: 13,
  media: 14,
  configPointer: 15,
  log: 16,
  metadataPointer: 17,
  requirementsPointer: 18,
  condaPointer: 19,
  save: 20,
} as const;

const errorLevel = 1;

const endStates: readonly (FinishEvent["state"] | undefined)[] = [
  undefined,
  "finished",
  "failed",
  "aborted",
];

/** A record taken apart, its content still to be read. */
interface Envelope {
  /** Counts records from 1; negative for those there is one of. */
  readonly number: Integer;
  /** When the record was made. */
  readonly time: number | undefined;
  /** Number of the member that holds the content; 0 when there is none. */
  readonly member: number;
  readonly content: ProtobufReader;
  /** Size of the whole record in bytes. */
  readonly bytes: number;
}

function readEnvelope(payload: Buffer): Envelope {
  const reader = new ProtobufReader(payload);
  let number: Integer = 0;
  let time: number | undefined;
  let found = 0;
  let content = new ProtobufReader(payload, 0, 0);
  while (reader.next()) {
    if (reader.field === 1) number = reader.int();
    else if (reader.field === 2) time = readTime(reader.message());
    else if (reader.wireType === wire.bytes) {
      found = reader.field;
      content = reader.message();
    } else reader.skip();
  }
  return { number, time, member: found, content, bytes: payload.length };
}

/** Records as protocol buffers: swanlab 0.8.0rc1 and later. */
export const protobufRecords: RecordFormat = {
  decoder: (output) => new ProtobufLog(output),
  accepts(payload: Buffer): boolean {
    try {
      const record = readEnvelope(payload);
      if (record.number === 0 || record.member < member.start) return false;
      readToEnd(record.content);
      return true;
    } catch (error) {
      if (error instanceof MalformedProtobuf) return false;
      throw error;
    }
  },
  identify(payload: Buffer): IdentityPart | undefined {
    const record = readEnvelope(payload);
    return record.member === member.start ? identityOf(record.content) : undefined;
  },
};

function readToEnd(reader: ProtobufReader): void {
  while (reader.next()) reader.skip();
}

function identityOf(content: ProtobufReader): IdentityPart {
  const start = readStart(content);
  const { id, name, project, workspace, description, tags, group } = start;
  const { jobType, color, startedAt } = start;
  const resumed = start.resume === 0 ? undefined : true;
  return given({
    id,
    name,
    project,
    workspace,
    description,
    tags,
    group,
    jobType,
    startedAt,
    resumed,
    color,
  });
}

/**
 * Decodes protobuf records. A positive number that was seen before is the same record again, which
 * a forked writer leaves behind; the others may repeat. `resumed` says that the program asked to go
 * on with an earlier run, not that there was one.
 */
class ProtobufLog implements LogDecoder {
  readonly #output: DecoderOutput;
  readonly #numbers: NumberSet = new NumberSet();
  readonly #scalars: ScalarRecords;
  ending: Ending | undefined;

  constructor(output: DecoderOutput) {
    this.#output = output;
    this.#scalars = new ScalarRecords(output.keys, this.#numbers, output.batch);
  }

  take(payload: Buffer): void {
    if (this.#scalars.take(payload)) return;
    const record = readEnvelope(payload);
    const apply = this.#read(record);
    if (record.number > 0 && !this.#numbers.add(record.number)) return;
    apply();
  }

  /** Reads a record's content to the end and says what to do with it. */
  #read(record: Envelope): () => void {
    const { content, time } = record;
    switch (record.member) {
      case member.start: {
        const identity = identityOf(content);
        return () => this.#output.identity.update(identity);
      }
      case member.finish:
        return this.#finish(record);
      case member.column:
        return this.#column(record);
      case member.scalar:
        return this.#scalar(record);
      case member.media:
        return this.#media(record);
      case member.log:
        return this.#log(record);
      case member.save: {
        const save = readSave(content);
        return () => {
          if (save.type === 0) this.#output.saved.record(save, time);
        };
      }
      case member.configPointer:
      case member.metadataPointer:
      case member.requirementsPointer:
      case member.condaPointer:
        readToEnd(content);
        return () => {};
      default:
        return this.#unknown(record.member, record);
    }
  }

  #finish(record: Envelope): () => void {
    const { state, error, finishedAt } = readFinish(record.content);
    const word = endStates[state];
    if (word === undefined) {
      return state === 0 ? () => {} : this.#unknown("finish", record);
    }
    const ending: Ending = {
      ...withTime(finishedAt ?? record.time),
      state: word,
      ...(error === "" ? {} : { error }),
    };
    return () => {
      this.ending = ending;
    };
  }

  #column(record: Envelope): () => void {
    const column = readColumn(record.content);
    return () => {
      const { batch, keys } = this.#output;
      const key = keys.named(column.key);
      key.system = column.system === true;
      key.kind = column.kind;
      const seq = batch.next();
      batch.add({ type: "metric", seq, ...withTime(record.time), ...column });
    };
  }

  #scalar(record: Envelope): () => void {
    const { key, step, time, value } = readScalar(record.content);
    if (value === undefined) return this.#unknown("scalar", record);
    const { batch, keys } = this.#output;
    return () => batch.point(keys.named(key), step, time ?? record.time, value);
  }

  #media(record: Envelope): () => void {
    const media = readMedia(record.content);
    const kind = columnKinds[media.type];
    if (kind === undefined) return this.#unknown("media", record);
    return () => {
      const { batch, keys, texts } = this.#output;
      const key: Key = keys.named(media.key);
      if (!batch.isNew(key, media.step)) return;
      const items = media.items.map(({ filename, sha256, size, caption }) => {
        const path = `media/${kind}/${filename}`;
        const bytes = Number(size);
        const file = { path, bytes, ...given({ sha256 }) };
        const item: MediaItem = { file, ...given({ caption }) };
        return kind === "text" ? texts.later(item, file) : item;
      });
      batch.add({
        type: "media",
        seq: batch.next(),
        ...withTime(media.time ?? record.time),
        step: media.step,
        key: media.key,
        kind,
        items,
      });
    };
  }

  #log(record: Envelope): () => void {
    const { line, level, time, epoch } = readLog(record.content);
    return () => {
      const { batch } = this.#output;
      batch.add({
        type: "console",
        seq: batch.next(),
        ...withTime(time ?? record.time),
        stream: level === errorLevel ? "error" : "stdout",
        text: line,
        line: Number(epoch),
      });
    };
  }

  #unknown(name: number | string, record: Envelope): () => void {
    readToEnd(record.content);
    const { batch } = this.#output;
    return () =>
      batch.add({
        type: "unknown",
        seq: batch.next(),
        ...withTime(record.time),
        record: name,
        bytes: record.bytes,
      });
  }
}
