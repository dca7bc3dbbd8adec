import type { LosslessValue } from "../../../src/codec/lossless_json.ts";

/** A key as a client declared it; fields as in swanlab-api §4.3. */
export interface ColumnRecord {
  readonly key: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** All items of one key at one step. */
export interface MediaRecord {
  readonly key: string;
  readonly step: number;
  /** ms since epoch. */
  readonly time: number;
  /** Paths of objects, or texts. */
  readonly data: readonly unknown[];
  /** Beside `data`: captions and the like, or null. */
  readonly more: readonly unknown[];
}

/** What `swanlab.save` announced and sent of one file. */
export interface SavedFile {
  readonly path: string;
  readonly bytes: number;
  /** 32 hex digits. */
  readonly md5: string;
  readonly mimeType: string;
  readonly state: "PREPARED" | "UPLOADED" | "FAILED";
  /** Of the content, once it is there. */
  readonly sha256?: string;
  /** As it was received. */
  readonly received?: { readonly bytes: number; readonly md5: string };
}

/** A part of a large file. */
export interface UploadPart {
  readonly offset: number;
  readonly bytes: number;
  readonly etag: string;
}

/** A large file that arrives in parts. */
export interface Upload {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  readonly count: number;
  /** By number, from 1. */
  readonly parts: ReadonlyMap<number, UploadPart>;
}

/** The fields of a run's profile, each as it was sent last. */
export interface Profile {
  readonly config?: LosslessValue;
  readonly metadata?: LosslessValue;
  readonly requirements?: LosslessValue;
  readonly conda?: LosslessValue;
}

/** One step in the life of a run, as it stands in its log. */
export type DetailRecord =
  | { readonly type: "profile"; readonly profile: Profile }
  | { readonly type: "columns"; readonly columns: readonly ColumnRecord[] }
  | { readonly type: "media"; readonly items: readonly MediaRecord[] }
  | {
    readonly type: "object";
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
  }
  | { readonly type: "file"; readonly file: SavedFile }
  | { readonly type: "upload"; readonly upload: Omit<Upload, "parts"> }
  | {
    readonly type: "part";
    readonly upload: string;
    readonly number: number;
    readonly part: UploadPart;
  };

/** What a run's log amounts to, but for the media points, which are read from it. */
export class RunDetails {
  profile: Profile = {};
  readonly columns: Map<string, ColumnRecord> = new Map();
  /** Highest step by key. */
  readonly mediaSteps: Map<string, number> = new Map();
  /** By path. */
  readonly objects: Map<string, { readonly bytes: number; readonly sha256: string }> = new Map();
  readonly files: Map<string, SavedFile> = new Map();
  readonly uploads: Map<string, Upload & { readonly parts: Map<number, UploadPart> }> = new Map();

  /** Takes the next record into account. */
  apply(record: DetailRecord): void {
    switch (record.type) {
      case "profile":
        this.profile = { ...this.profile, ...record.profile };
        return;
      case "columns":
        for (const column of record.columns) this.columns.set(column.key, column);
        return;
      case "media":
        for (const { key, step } of record.items) {
          this.mediaSteps.set(key, Math.max(step, this.mediaSteps.get(key) ?? -1));
        }
        return;
      case "object":
        this.objects.set(record.path, { bytes: record.bytes, sha256: record.sha256 });
        return;
      case "file":
        this.files.set(record.file.path, record.file);
        return;
      case "upload":
        this.uploads.set(record.upload.id, { ...record.upload, parts: new Map() });
        return;
      case "part":
        this.uploads.get(record.upload)?.parts.set(record.number, record.part);
        return;
    }
  }
}
