import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { Integer } from "../../../src/model/json.ts";

/**
 * The messages of protobuf logs as they lie on disk, swanlab 0.8.0rc1 to 0.10.3. Fields that are
 * not on the wire have proto3's default, or are undefined where that says more. Times are in ms
 * since epoch. Each reader takes its message to the end.
 */

/** How a run began. */
export interface StartMessage {
  project: string;
  workspace: string;
  name: string;
  description: string;
  tags: string[];
  group: string;
  jobType: string;
  color: string;
  id: string;
  /** 0 never, 1 allow, 2 must. */
  resume: number;
  startedAt: number | undefined;
}

/** Reads a StartRecord. */
export function readStart(reader: ProtobufReader): StartMessage {
  const start: StartMessage = {
    project: "",
    workspace: "",
    name: "",
    description: "",
    tags: [],
    group: "",
    jobType: "",
    color: "",
    id: "",
    resume: 0,
    startedAt: undefined,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        start.project = reader.string();
        break;
      case 2:
        start.workspace = reader.string();
        break;
      case 4:
        start.name = reader.string();
        break;
      case 5:
        start.description = reader.string();
        break;
      case 6:
        start.tags.push(reader.string());
        break;
      case 7:
        start.group = reader.string();
        break;
      case 8:
        start.jobType = reader.string();
        break;
      case 9:
        start.color = reader.string();
        break;
      case 10:
        start.id = reader.string();
        break;
      case 11:
        start.resume = reader.uint();
        break;
      case 12:
        start.startedAt = readTime(reader.message());
        break;
      default:
        reader.skip();
    }
  }
  return start;
}

/** How a run ended. */
export interface FinishMessage {
  /** 0 running, 1 finished, 2 crashed, 3 aborted. */
  state: number;
  error: string;
  finishedAt: number | undefined;
}

/** Reads a FinishRecord. */
export function readFinish(reader: ProtobufReader): FinishMessage {
  const finish: FinishMessage = { state: 0, error: "", finishedAt: undefined };
  while (reader.next()) {
    if (reader.field === 1) finish.state = reader.uint();
    else if (reader.field === 2) finish.error = reader.string();
    else if (reader.field === 3) finish.finishedAt = readTime(reader.message());
    else reader.skip();
  }
  return finish;
}

/** A number at a step. */
export interface ScalarMessage {
  key: string;
  step: Integer;
  time: number | undefined;
  value: number | undefined;
}

/** Reads a ScalarRecord. */
export function readScalar(reader: ProtobufReader): ScalarMessage {
  const scalar: ScalarMessage = {
    key: "",
    step: 0,
    time: undefined,
    value: undefined,
  };
  while (reader.next()) {
    if (reader.field === 1) scalar.key = reader.string();
    else if (reader.field === 2) scalar.step = reader.int();
    else if (reader.field === 4) scalar.time = readTime(reader.message());
    else if (reader.field === 5) scalar.value = readNumber(reader.message());
    else reader.skip();
  }
  return scalar;
}

function readNumber(reader: ProtobufReader): number {
  let number = 0;
  while (reader.next()) {
    if (reader.field === 1) number = reader.double();
    else reader.skip();
  }
  return number;
}

/** One file of a media value. */
export interface MediaFile {
  filename: string;
  sha256: string;
  size: Integer;
  caption: string;
}

/** Files at a step. */
export interface MediaMessage {
  key: string;
  step: Integer;
  /** A column type; see `columnKinds`. */
  type: number;
  time: number | undefined;
  items: MediaFile[];
}

/** Reads a MediaRecord. */
export function readMedia(reader: ProtobufReader): MediaMessage {
  const media: MediaMessage = {
    key: "",
    step: 0,
    type: 0,
    time: undefined,
    items: [],
  };
  while (reader.next()) {
    if (reader.field === 1) media.key = reader.string();
    else if (reader.field === 2) media.step = reader.int();
    else if (reader.field === 3) media.type = reader.uint();
    else if (reader.field === 4) media.time = readTime(reader.message());
    else if (reader.field === 5) readItems(reader.message(), media.items);
    else reader.skip();
  }
  return media;
}

function readItems(reader: ProtobufReader, items: MediaFile[]): void {
  while (reader.next()) {
    if (reader.field === 1) items.push(readMediaFile(reader.message()));
    else reader.skip();
  }
}

function readMediaFile(reader: ProtobufReader): MediaFile {
  const item: MediaFile = { filename: "", sha256: "", size: 0, caption: "" };
  while (reader.next()) {
    if (reader.field === 1) item.filename = reader.string();
    else if (reader.field === 2) item.sha256 = reader.string();
    else if (reader.field === 3) item.size = reader.int();
    else if (reader.field === 4) item.caption = reader.string();
    else reader.skip();
  }
  return item;
}

/** A line of terminal output. */
export interface LogMessage {
  line: string;
  /** 0 info, 1 error. */
  level: number;
  time: number | undefined;
  /** 1-based number of the line. */
  epoch: Integer;
}

/** Reads a LogRecord. */
export function readLog(reader: ProtobufReader): LogMessage {
  const log: LogMessage = { line: "", level: 0, time: undefined, epoch: 0 };
  while (reader.next()) {
    if (reader.field === 1) log.line = reader.string();
    else if (reader.field === 2) log.level = reader.uint();
    else if (reader.field === 3) log.time = readTime(reader.message());
    else if (reader.field === 4) log.epoch = reader.int();
    else reader.skip();
  }
  return log;
}

/** A file that goes with the run. */
export interface SaveMessage {
  name: string;
  sourcePath: string;
  targetPath: string;
  /** 0 is a user's file; the others are the client's own. */
  type: number;
}

/** Reads a SaveRecord. */
export function readSave(reader: ProtobufReader): SaveMessage {
  const save: SaveMessage = {
    name: "",
    sourcePath: "",
    targetPath: "",
    type: 0,
  };
  while (reader.next()) {
    if (reader.field === 1) save.name = reader.string();
    else if (reader.field === 2) save.sourcePath = reader.string();
    else if (reader.field === 3) save.targetPath = reader.string();
    else if (reader.field === 5) save.type = reader.uint();
    else reader.skip();
  }
  return save;
}

/** Reads a google.protobuf.Timestamp as ms since epoch, with fraction. */
export function readTime(reader: ProtobufReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds = Number(reader.int());
    else if (reader.field === 2) nanos = Number(reader.int());
    else reader.skip();
  }
  return seconds * 1000 + nanos / 1e6;
}
