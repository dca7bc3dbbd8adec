import { MalformedJson } from "../../../src/codec/lossless_json.ts";
import { MalformedProtobuf } from "../../../src/codec/protobuf.ts";
import type { Buffer } from "node:buffer";
import type { EventBatch } from "./event_batch.ts";
import type { Ending, IdentityPart, IdentityStream } from "./identity.ts";
import type { KeyTable } from "./key_table.ts";
import type { SavedFiles } from "./saved_files.ts";
import type { TextFiles } from "./text_files.ts";

/** Turns the records of one log into events. */
export interface LogDecoder {
  /**
   * Takes in the next record.
   * @throws {MalformedProtobuf | MalformedJson} when it cannot be decoded; it then left no trace.
   */
  take(payload: Buffer): void;
  /** How the run ended, as far as the records tell by now; the last word counts. */
  readonly ending: Ending | undefined;
}

/** What every decoder writes to. */
export interface DecoderOutput {
  readonly batch: EventBatch;
  readonly keys: KeyTable;
  readonly identity: IdentityStream;
  readonly saved: SavedFiles;
  readonly texts: TextFiles;
}

/** One of the two ways in which records are written. */
export interface RecordFormat {
  /** `version` is that of the client, where it is known. */
  decoder(output: DecoderOutput, version: string | undefined): LogDecoder;
  /** Whether a payload is a whole record. */
  accepts(payload: Buffer): boolean;
  /** What a record says of who the run is; undefined when it is about something else. */
  identify(payload: Buffer): IdentityPart | undefined;
}

/** Whether an error says that a record is none, rather than that something went wrong. */
export function isMalformed(error: unknown): boolean {
  return error instanceof MalformedProtobuf || error instanceof MalformedJson;
}
