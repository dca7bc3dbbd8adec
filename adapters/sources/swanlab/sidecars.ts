import type { RunFiles } from "../../../src/adapter.ts";
import {
  type LosslessObject,
  type LosslessValue,
  MalformedJson,
  parseLosslessJson,
} from "../../../src/codec/lossless_json.ts";
import type { EnvironmentEvent } from "../../../src/model/event.ts";
import type { EventBatch } from "./event_batch.ts";
import { asObject, asText, member } from "./json_fields.ts";
import { readConfig } from "./run_config.ts";
import { readSmallFile } from "../../../src/files/small_file.ts";

/** The most that is read of a file beside the log, in bytes; a longer one is a gap. */
const longestSidecar = 4 * 1024 * 1024;
/** The same for the configuration: taking YAML apart takes over a hundred times its size in memory. */
const longestConfig = 512 * 1024;

/** Name of the configuration's file, which users may overwrite with one of theirs. */
const configFile = "config.yaml";

/** The files that the client keeps beside the log, `files/…`; each of them may be missing. */
export class Sidecars {
  readonly #files: Pick<RunFiles, "file">;

  constructor(files: Pick<RunFiles, "file">) {
    this.#files = files;
  }

  /** `swanlab-metadata.json`; undefined when it is missing or no JSON object. */
  async metadata(): Promise<LosslessObject | undefined> {
    const read = await this.#read("swanlab-metadata.json");
    return read === undefined || "problem" in read ? undefined : parseObject(read.text);
  }

  /**
   * Passes on configuration and environment. The configuration is the last state: the file is
   * written anew at each change. Returns the names of files that a user's file has replaced.
   */
  async passOn(batch: EventBatch): Promise<ReadonlySet<string>> {
    const replaced = new Set<string>();
    const config = await this.#text(configFile, batch);
    if (config !== undefined) {
      const { set, complete } = readConfig(config);
      if (Object.keys(set).length > 0) {
        batch.add({ type: "config", seq: batch.next(), set });
      }
      if (!complete) {
        replaced.add(configFile);
        const record = `files/${configFile}`;
        const bytes = config.length;
        batch.add({ type: "unknown", seq: batch.next(), record, bytes });
      }
    }
    await this.#environment(batch);
    return replaced;
  }

  async #environment(batch: EventBatch): Promise<void> {
    const text = await this.#text("swanlab-metadata.json", batch);
    const metadata = text === undefined ? undefined : parseObject(text);
    const requirements = await this.#text("requirements.txt", batch);
    const conda = await this.#text("conda.yaml", batch);
    if (text !== undefined && metadata === undefined) {
      const reason = "files/swanlab-metadata.json is not a JSON object";
      const bytes = text.length;
      batch.add({ type: "gap", seq: batch.next(), offset: 0, bytes, reason });
    }
    const found: Omit<EnvironmentEvent, "type" | "seq"> = {
      ...(metadata === undefined ? {} : { metadata }),
      ...(requirements === undefined ? {} : { requirements }),
      ...(conda === undefined ? {} : { conda }),
    };
    if (Object.keys(found).length === 0) return;
    batch.add({ type: "environment", seq: batch.next(), ...found });
  }

  /** A file's text; what is there and cannot be read becomes a gap. */
  async #text(name: string, batch: EventBatch): Promise<string | undefined> {
    const read = await this.#read(name);
    if (read === undefined) return undefined;
    if ("text" in read) return read.text;
    const { problem: reason } = read;
    batch.add({ type: "gap", seq: batch.next(), offset: 0, bytes: 0, reason });
    return undefined;
  }

  async #read(
    name: string,
  ): Promise<
    { readonly text: string } | { readonly problem: string } | undefined
  > {
    const read = await readSmallFile(
      this.#files,
      `files/${name}`,
      name === configFile ? longestConfig : longestSidecar,
    );
    if (read === undefined || "problem" in read) return read;
    return { text: read.content.toString("utf8") };
  }
}

function parseObject(text: string): LosslessObject | undefined {
  try {
    return asObject(parseLosslessJson(text));
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}

/** Version of the client, as its metadata has it. */
export function clientVersion(
  metadata: LosslessValue | undefined,
): string | undefined {
  return asText(member(member(metadata, "swanlab"), "version"));
}

/** Name of the machine: `runtime.hostname` from swanlab 0.8.0 on, `hostname` before. */
export function hostName(
  metadata: LosslessValue | undefined,
): string | undefined {
  return asText(member(member(metadata, "runtime"), "hostname")) ??
    asText(member(metadata, "hostname"));
}
