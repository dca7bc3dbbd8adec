import type { FileRef } from "./file.ts";
import type { Integer, Json, JsonObject } from "./json.ts";

/** What every event has: its place in the run and, where known, when it happened. */
export interface EventBase {
  /** 0, 1, 2 … without gaps within one run. */
  readonly seq: number;
  /** ms since epoch, with fraction; absent if unknown. */
  readonly time?: number;
}

/** Which client wrote the run. */
export interface Writer {
  /** "wandb", "swanlab". */
  readonly tracker: string;
  /** Version of the client, where the files tell it. */
  readonly version?: string;
  /** The layout on disk, in the words of the source adapter ("leveldb v0", "G1"). */
  readonly format: string;
}

/** Who the run is. A later `run` event updates the fields that it gives. */
export interface IdentityEvent extends EventBase {
  readonly type: "run";
  readonly id: string;
  readonly name?: string;
  readonly project?: string;
  readonly workspace?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly group?: string;
  readonly jobType?: string;
  /** ms since epoch. */
  readonly startedAt?: number;
  readonly resumed?: boolean;
  readonly forkedFrom?: {
    readonly run: string;
    readonly step?: Integer;
    readonly metric?: string;
  };
  /** Colours as "#rrggbb"; trackers with a light and a dark one give both, light first. */
  readonly color?: string | readonly string[];
  readonly sweep?: string;
  readonly host?: string;
  readonly writer: Writer;
}

/** Hyper-parameters: `set` is merged deeply, then the paths of `remove` are taken out. */
export interface ConfigEvent extends EventBase {
  readonly type: "config";
  readonly set: JsonObject;
  readonly remove?: readonly (readonly string[])[];
}

/** Where the run ran. */
export interface EnvironmentEvent extends EventBase {
  readonly type: "environment";
  readonly metadata?: JsonObject;
  /** Content of requirements.txt. */
  readonly requirements?: string;
  /** Content of the conda environment file. */
  readonly conda?: string;
}

/** What a key holds. Sources may name further kinds. */
export type MetricKind =
  | "scalar"
  | "image"
  | "audio"
  | "text"
  | "video"
  | "echarts"
  | "object3d"
  | "molecule"
  | "html"
  | "table"
  | "plotly"
  | "bokeh"
  | "histogram"
  | "chart"
  | "graph"
  | "trace"
  | (string & Record<never, never>);

/** Declares a key: how it is shown and summarised. */
export interface MetricEvent extends EventBase {
  readonly type: "metric";
  /** A key, or a pattern that ends in `*`. */
  readonly key: string;
  readonly kind?: MetricKind;
  /** The tracker's own monitoring, not the user's data. */
  readonly system?: boolean;
  readonly name?: string;
  readonly section?: string;
  /** The key on the x axis. */
  readonly stepMetric?: string;
  readonly hidden?: boolean;
  /** Aggregations such as "min", "max", "mean", "last", "best", "none". */
  readonly summary?: readonly string[];
  readonly goal?: "minimize" | "maximize";
  readonly color?: string | readonly string[];
  /** Range of the y axis; null leaves that end open. */
  readonly range?: readonly [number | null, number | null];
  /** Why the tracker refused this key's values. */
  readonly error?: JsonObject;
  /** Anything else that the tracker recorded about the chart. */
  readonly chart?: JsonObject;
}

/** A value of a history row: as logged. */
export type HistoryValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | readonly Json[];

/** One row as logged. A row whose values are all media has none here. */
export interface HistoryEvent extends EventBase {
  readonly type: "history";
  readonly step: Integer;
  readonly values: { readonly [key: string]: HistoryValue };
}

/** One item of a media value: a file, a text, or structured data. */
export interface MediaItem {
  readonly file?: FileRef;
  readonly text?: string;
  readonly caption?: string;
  readonly data?: Json;
}

/** A media value of one key at one step. */
export interface MediaEvent extends EventBase {
  readonly type: "media";
  readonly step: Integer;
  readonly key: string;
  readonly kind: MetricKind;
  readonly items: readonly MediaItem[];
}

/** A sample of the tracker's own monitoring. */
export interface SystemEvent extends EventBase {
  readonly type: "system";
  readonly step?: Integer;
  readonly values: { readonly [key: string]: number };
}

/** One line of terminal output, rewrites folded, without its newline. */
export interface ConsoleEvent extends EventBase {
  readonly type: "console";
  readonly stream: "stdout" | "stderr" | "error";
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** Result values: `set` is merged deeply, then the paths of `remove` are taken out. */
export interface SummaryEvent extends EventBase {
  readonly type: "summary";
  readonly set: JsonObject;
  readonly remove?: readonly (readonly string[])[];
}

/** A file that was saved with the run. */
export interface FileEvent extends EventBase {
  readonly type: "file";
  /** The name that the user sees. */
  readonly name: string;
  readonly file: FileRef;
  readonly purpose: "saved" | "code" | "log" | "other";
}

/** One file of an artifact: its content, or a reference to somewhere else. */
export interface ArtifactEntry {
  readonly path: string;
  readonly digest?: string;
  readonly bytes?: number;
  /** Address of content that is not here. */
  readonly ref?: string;
  readonly file?: FileRef;
}

/** A versioned set of files that the run made or used. */
export interface ArtifactEvent extends EventBase {
  readonly type: "artifact";
  readonly direction: "output" | "input";
  readonly kind: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description?: string;
  readonly metadata: JsonObject;
  readonly entries: readonly ArtifactEntry[];
}

/** A message that the program sent to its user. */
export interface AlertEvent extends EventBase {
  readonly type: "alert";
  readonly title: string;
  readonly text: string;
  readonly level: string;
}

/** The run ended. Without this event it is incomplete. */
export interface FinishEvent extends EventBase {
  readonly type: "finish";
  readonly state: "finished" | "failed" | "aborted";
  readonly exitCode?: number;
  readonly error?: string;
}

/** Damage in the middle: reading went on after it. */
export interface GapEvent extends EventBase {
  readonly type: "gap";
  /** Where the damage begins, in bytes from the start of the log. */
  readonly offset: number;
  /** How much could not be read, in bytes. */
  readonly bytes: number;
  readonly reason: string;
}

/** A whole record that the source does not know. */
export interface UnknownEvent extends EventBase {
  readonly type: "unknown";
  readonly record: number | string;
  readonly bytes: number;
}

/** Everything a run can say. `runferry cat` prints one a line. */
export type RunEvent =
  | IdentityEvent
  | ConfigEvent
  | EnvironmentEvent
  | MetricEvent
  | HistoryEvent
  | MediaEvent
  | SystemEvent
  | ConsoleEvent
  | SummaryEvent
  | FileEvent
  | ArtifactEvent
  | AlertEvent
  | FinishEvent
  | GapEvent
  | UnknownEvent;

/** The name of an event's type. */
export type EventType = RunEvent["type"];
