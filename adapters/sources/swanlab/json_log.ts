import type { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import {
  type LosslessObject,
  MalformedJson,
  parseLosslessJson,
} from "../../../src/codec/lossless_json.ts";
import type { ConsoleEvent } from "../../../src/model/event.ts";
import { type Ending, given, type IdentityPart } from "./identity.ts";
import { columnOf } from "./json_column.ts";
import { asInteger, asObject, asPoint, asText, asTexts, member } from "./json_fields.ts";
import { mediaItems } from "./json_media.ts";
import type { DecoderOutput, LogDecoder, RecordFormat } from "./log_decoder.ts";
import { guessKind } from "./media_kind.ts";
import { RepeatedLines } from "./repeated_lines.ts";
import { ScalarJson } from "./scalar_json.ts";
import { parseTime, withTime } from "./timestamp.ts";

const streams = new Map<string, ConsoleEvent["stream"]>([
  ["INFO", "stdout"],
  ["WARN", "stderr"],
  ["ERROR", "error"],
]);

/** A record taken apart. */
interface Envelope {
  readonly model: string;
  readonly data: LosslessObject;
}

/** @throws {MalformedJson} when the payload is no record. */
function readEnvelope(payload: Buffer): Envelope {
  const record = parseLosslessJson(payload.toString("utf8"));
  const model = asText(member(record, "model_type"));
  const data = asObject(member(record, "data"));
  if (model === undefined || data === undefined) {
    throw new MalformedJson("JSON that is not a record");
  }
  return { model, data };
}

/** Records as JSON texts: swanlab 0.6.2 to 0.7.20. */
export const jsonRecords: RecordFormat = {
  decoder: (output, version) => new JsonLog(output, version),
  accepts(payload: Buffer): boolean {
    try {
      readEnvelope(payload);
      return true;
    } catch (error) {
      if (error instanceof MalformedJson) return false;
      throw error;
    }
  },
  identify(payload: Buffer): IdentityPart | undefined {
    return identityOf(readEnvelope(payload));
  },
};

/** Who the run is, told by three records together; `public` has no place in the event model. */
function identityOf({ model, data }: Envelope): IdentityPart | undefined {
  switch (model) {
    case "Header":
      return given({ startedAt: parseTime(member(data, "create_time")) });
    case "Project":
      return given({
        project: asText(member(data, "name")),
        workspace: asText(member(data, "workspace")),
      });
    case "Experiment":
      return given({
        id: asText(member(data, "id")),
        name: asText(member(data, "name")),
        color: asTexts(member(data, "colors")),
        description: asText(member(data, "description")),
        tags: asTexts(member(data, "tags")),
      });
    default:
      return undefined;
  }
}

/**
 * Decodes JSON records. A forked writer leaves records twice: equal lines and declarations are
 * passed on once, and of points with the same key and step the batch keeps what its rule says. An
 * ERROR line holds a whole traceback and stays one event, the only text with newlines.
 */
class JsonLog implements LogDecoder {
  readonly #output: DecoderOutput;
  readonly #version: string | undefined;
  readonly #scalars: ScalarJson;
  readonly #lines: RepeatedLines = new RepeatedLines();
  #lastError: string | undefined;
  ending: Ending | undefined;

  constructor(output: DecoderOutput, version: string | undefined) {
    this.#output = output;
    this.#version = version;
    this.#scalars = new ScalarJson(output.keys, output.batch);
  }

  take(payload: Buffer): void {
    if (this.#scalars.take(payload)) return;
    const record = readEnvelope(payload);
    if (this.#known(record, payload)) return;
    const { batch } = this.#output;
    batch.add({
      type: "unknown",
      seq: batch.next(),
      record: record.model,
      bytes: payload.length,
    });
  }

  /** Passes a record on; false when it says something that is not known. */
  #known(record: Envelope, payload: Buffer): boolean {
    const { model, data } = record;
    switch (model) {
      case "Header":
      case "Project":
      case "Experiment":
        this.#output.identity.update(identityOf(record) ?? {});
        return true;
      case "Runtime":
        return true;
      case "Column":
        return this.#column(data, payload);
      case "Scalar":
        return this.#scalar(data);
      case "Media":
        return this.#media(data);
      case "Log":
        return this.#log(data, payload);
      case "Footer":
        return this.#footer(data);
      default:
        return false;
    }
  }

  #column(data: LosslessObject, payload: Buffer): boolean {
    const column = columnOf(data, this.#version);
    if (column === undefined) return false;
    const { batch, keys } = this.#output;
    const key = keys.named(column.key);
    const checksum = crc32(payload);
    if (key.declared === checksum) return true;
    key.declared = checksum;
    key.system = column.system === true;
    key.kind = column.kind;
    const folder = asInteger(member(data, "kid"));
    if (folder !== undefined) keys.own(key, `${folder}`);
    batch.add({ type: "metric", seq: batch.next(), ...column });
    return true;
  }

  #scalar(data: LosslessObject): boolean {
    const key = asText(member(data, "key"));
    const step = asInteger(member(data, "step"));
    const metric = member(data, "metric");
    const value = asPoint(member(metric, "data"));
    if (key === undefined || step === undefined || value === undefined) {
      return false;
    }
    const time = parseTime(member(metric, "create_time"));
    this.#output.batch.point(this.#output.keys.named(key), step, time, value);
    return true;
  }

  #media(data: LosslessObject): boolean {
    const name = asText(member(data, "key"));
    const step = asInteger(member(data, "step"));
    const folder = asInteger(member(data, "kid"));
    const metric = member(data, "metric");
    const values = asTexts(member(metric, "data"));
    if (name === undefined || step === undefined || values === undefined) {
      return false;
    }
    const { batch, keys } = this.#output;
    const key = keys.named(name);
    const isText = member(data, "buffers_name") === undefined;
    const kind = key.kind ?? (isText ? "text" : guessKind(values));
    if (!batch.isNew(key, step)) return true;
    batch.add({
      type: "media",
      seq: batch.next(),
      ...withTime(parseTime(member(metric, "create_time"))),
      step,
      key: name,
      kind,
      items: mediaItems(
        values,
        member(metric, "more"),
        (value) =>
          kind === "text" ? { text: value } : { file: { path: `media/${folder}/${value}` } },
      ),
    });
    return true;
  }

  #log(data: LosslessObject, payload: Buffer): boolean {
    const text = asText(member(data, "message"));
    if (text === undefined) return false;
    const line = Number(asInteger(member(data, "epoch")) ?? 0);
    if (this.#lines.repeats(line, crc32(payload))) return true;
    const level = asText(member(data, "level")) ?? "INFO";
    const stream = streams.get(level) ?? "stdout";
    if (stream === "error") this.#lastError = text;
    const time = parseTime(member(data, "create_time"));
    const { batch } = this.#output;
    const seq = batch.next();
    batch.add({ type: "console", seq, ...withTime(time), stream, text, line });
    return true;
  }

  #footer(data: LosslessObject): boolean {
    const success = member(data, "success");
    if (typeof success !== "boolean") return false;
    const error = success ? undefined : this.#lastError;
    this.ending = {
      ...withTime(parseTime(member(data, "create_time"))),
      state: success ? "finished" : "failed",
      ...(error === undefined ? {} : { error }),
    };
    return true;
  }
}
