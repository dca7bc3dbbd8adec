import { Buffer } from "node:buffer";
import { join } from "node:path";
import { makeFolder } from "../../../src/files/durable_folder.ts";
import { parseLosslessJson, writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import { BlobStore } from "./blob_store.ts";
import { ConsoleLog } from "./console_log.ts";
import { FramedLog } from "./framed_log.ts";
import { type DetailRecord, type MediaRecord, type Profile, RunDetails } from "./run_details.ts";
import { ScalarLog } from "./scalar_log.ts";

/** What a run holds: three logs and a folder of contents. STORAGE.md describes them. */
export class StoredRun {
  readonly scalars: ScalarLog;
  readonly console: ConsoleLog;
  readonly blobs: BlobStore;
  readonly details: RunDetails;
  readonly #log: FramedLog;

  private constructor(
    log: FramedLog,
    parts: Pick<StoredRun, "scalars" | "console" | "blobs" | "details">,
  ) {
    this.#log = log;
    this.scalars = parts.scalars;
    this.console = parts.console;
    this.blobs = parts.blobs;
    this.details = parts.details;
  }

  /** Opens a run's folder, or makes it; `now` in ms since epoch. */
  static async open(folder: string, now: number): Promise<StoredRun> {
    await makeFolder(folder);
    const details = new RunDetails();
    const log = await openDetails(folder, details);
    return new StoredRun(log, {
      details,
      scalars: await ScalarLog.open(join(folder, "scalars.log")),
      console: await ConsoleLog.open(join(folder, "console.log")),
      blobs: await BlobStore.open(folder, now),
    });
  }

  /** The profile in a run's folder; empty when there is none. */
  static async readProfile(folder: string): Promise<Profile> {
    const details = new RunDetails();
    await makeFolder(folder);
    const log = await openDetails(folder, details);
    await log.close();
    return details.profile;
  }

  /** Stores a record; resolves once it is safely on disk. */
  async add(record: DetailRecord): Promise<void> {
    await this.#log.append(Buffer.from(writeLosslessJson(record)));
    this.details.apply(record);
  }

  /**
   * The media points of some keys, or of all: by step for each key, and the one sent last of those
   * at one step.
   */
  async media(keys?: ReadonlySet<string>): Promise<Map<string, readonly MediaRecord[]>> {
    const byKey = new Map<string, Map<number, MediaRecord>>();
    for await (const { payload } of this.#log.read()) {
      const record = decode(payload);
      if (record.type !== "media") continue;
      for (const item of record.items) {
        if (keys !== undefined && !keys.has(item.key)) continue;
        const points = byKey.get(item.key) ?? new Map<number, MediaRecord>();
        byKey.set(item.key, points.set(item.step, item));
      }
    }
    const sorted = new Map<string, readonly MediaRecord[]>();
    for (const [key, points] of byKey) {
      sorted.set(key, [...points.values()].sort((left, right) => left.step - right.step));
    }
    return sorted;
  }

  /** Changes with everything that is added. */
  get stamp(): string {
    return [this.#log.stamp, this.scalars.stamp, this.console.stamp].join(" ");
  }

  async close(): Promise<void> {
    await this.#log.close();
    await this.scalars.close();
    await this.console.close();
  }
}

async function openDetails(folder: string, details: RunDetails): Promise<FramedLog> {
  return await FramedLog.open(join(folder, "details.log"), ({ payload }) => {
    details.apply(decode(payload));
  });
}

function decode(payload: Buffer): DetailRecord {
  // Only this program writes the log, and its checksums were proven.
  return parseLosslessJson(payload.toString()) as unknown as DetailRecord;
}
