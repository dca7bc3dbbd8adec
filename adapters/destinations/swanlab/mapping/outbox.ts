import type { Loss } from "../../../../src/adapter.ts";
import type { FileRef } from "../../../../src/model/file.ts";
import type { JsonObject } from "../../../../src/model/json.ts";

/** What a column can hold, in the words of the API (swanlab-api §12.1). */
export type ColumnType =
  | "FLOAT"
  | "IMAGE"
  | "AUDIO"
  | "TEXT"
  | "VIDEO"
  | "ECHARTS"
  | "OBJECT3D"
  | "MOLECULE"
  | "HTML";

/** A key as SwanLab will know it. */
export interface Column {
  /** Within SwanLab's rules: 1 to 512 characters, no control characters, no `.` or `/` at its ends. */
  readonly key: string;
  readonly type: ColumnType;
  /** The tracker's own monitoring, not the user's data. */
  readonly system: boolean;
  readonly name?: string;
  readonly section?: string;
  /** The key on the x axis, where it is not the step. */
  readonly xAxis?: string;
  readonly hidden?: boolean;
  /** Light and dark, as "#rrggbb". */
  readonly colors?: readonly [string, string];
  /** Of the y axis; null leaves that end open. */
  readonly range?: readonly [number | null, number | null];
  /** What else SwanLab recorded: `sectionType`, `chartIndex`, `chartName`, `metricName`. */
  readonly chart?: JsonObject;
  /** Set for a key whose values the tracker itself refused; it gets no points. */
  readonly error?: JsonObject;
}

/** A file of the run, as it is or in another format. */
export interface FileContent {
  readonly file: FileRef;
  /**
   * Makes what is uploaded of the whole content, which is at most 32 MiB: of a larger file, and of
   * one that this cannot read (undefined), there is no object, and the loss is `unsupported`. The
   * original is always among the saved files.
   */
  readonly convert?: (bytes: Uint8Array) => Uint8Array | undefined;
}

/** Where the bytes of something come from: a file of the run, or made here. */
export type Content = FileContent | { readonly bytes: Uint8Array };

/** One item of a media point: an object to upload, or a text that stands in the point itself. */
export interface MediaUpload {
  /** What `data` holds: raw text without an object. */
  readonly text?: string;
  readonly content?: Content;
  /**
   * The object's path where the tracker has one already ("media/image/001-ab12cd34.png"); else the
   * writer names it "media/FOLDER/STEP-HASH.ENDING" by the SHA-256 of the content.
   */
  readonly path?: string;
  /** "image", "audio", "text", "video", "echarts", "object3d", "molecule", "html". */
  readonly folder: string;
  /** Of the object's name, without the dot: "png", "swanlab.pts.json". */
  readonly ending: string;
  readonly caption?: string;
}

/** All items of one key at one step. */
export interface MediaPoint {
  /** The `seq` of the event that it comes from, for losses. */
  readonly seq: number;
  readonly step: number;
  /** ms since epoch. */
  readonly time?: number;
  readonly items: readonly MediaUpload[];
}

/** One line of the log. */
export interface LogLine {
  readonly level: "INFO" | "WARN" | "ERROR";
  /** Without newline. */
  readonly message: string;
  /** 1-based, growing: no two lines of a run have the same. */
  readonly epoch: number;
  /** ms since epoch. */
  readonly time?: number;
}

/** A file that is saved with the run. */
export interface SavedFile {
  /** Relative, `/` between its parts, never leading out. */
  readonly path: string;
  readonly content: Content;
  /** The `seq` of the event that it comes from, for losses. */
  readonly seq: number;
}

/** Who the run is at SwanLab; later calls replace the fields that they give. */
export interface Identity {
  readonly name?: string;
  readonly description?: string;
  readonly labels?: readonly string[];
  readonly group?: string;
  readonly jobType?: string;
  /** Light and dark. */
  readonly colors?: readonly [string, string];
}

/** How the run ended. */
export interface Ending {
  readonly state: "FINISHED" | "CRASHED" | "ABORTED";
  /** ms since epoch; when it really ended, as far as known. */
  readonly time?: number;
}

/** Config as the API takes it: by key its value, description and place. */
export interface ConfigField {
  readonly value: unknown;
  readonly desc: string;
  readonly sort: number;
}

/** The profile of a run; given once, at the end, with what all events together say. */
export interface Profile {
  readonly config?: { readonly [key: string]: ConfigField };
  readonly metadata?: JsonObject;
  /** Text of requirements.txt. */
  readonly requirements?: string;
  /** Text of the conda environment file. */
  readonly conda?: string;
}

/**
 * Takes what the mapping makes of a run's events. `Series` is whatever the taker wants to know a
 * column by. Everything is synchronous: the taker buffers.
 */
export interface Outbox<Series> {
  /** Declares a column, before its first point. Called once a column. */
  series(column: Column): Series;
  /**
   * One number, NaN and infinities included. `step` ≥ 0 and whole; `time` in ms since epoch. Of an
   * integer beyond 2^53, `digits` are all its digits, and `value` is the nearest double.
   */
  scalar(
    series: Series,
    seq: number,
    step: number,
    time: number | undefined,
    value: number,
    digits?: string,
  ): void;
  media(series: Series, point: MediaPoint): void;
  log(line: LogLine): void;
  file(file: SavedFile): void;
  identity(identity: Identity): void;
  profile(profile: Profile): void;
  ending(ending: Ending): void;
  loss(loss: Loss): void;
}
