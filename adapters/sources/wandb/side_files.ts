import { parse } from "yaml";
import type { RunFiles } from "../../../src/adapter.ts";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { isObject, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";
import type { EnvironmentFiles } from "./environment.ts";
import { given, member } from "./json_fields.ts";
import type { RunEvents } from "./run_events.ts";
import { readSmallFile } from "../../../src/files/small_file.ts";

/** The most that is read of such a file, in bytes; a longer one is a gap. */
const longest = 16 * 1024 * 1024;

/** The files in `files/` that the client writes for itself; each of them may be missing. */
export class SideFiles {
  readonly #files: Pick<RunFiles, "file">;
  readonly #events: RunEvents;

  constructor(files: Pick<RunFiles, "file">, events: RunEvents) {
    this.#files = files;
    this.#events = events;
  }

  /** Those that tell about the environment; `metadata` only if it is asked for. */
  async environment(withMetadata: boolean): Promise<EnvironmentFiles> {
    return given({
      metadata: withMetadata ? await this.#json("wandb-metadata.json") : undefined,
      requirements: await this.#text("requirements.txt"),
      conda: await this.#text("conda-environment.yaml"),
    });
  }

  /** `config.yaml`, without the object that each value is wrapped in. */
  async config(): Promise<JsonObject | undefined> {
    const text = await this.#text("config.yaml");
    const values = text === undefined ? undefined : this.#yaml("config.yaml", text);
    if (values === undefined || values === null) return undefined;
    if (!isObject(values)) {
      this.#events.gap(0, 0, "files/config.yaml is not a YAML object");
      return undefined;
    }
    const config: { [key: string]: Json } = {};
    for (const [name, wrapped] of Object.entries(values)) {
      if (name === "wandb_version") continue;
      const value = member(wrapped, "value");
      setKey(config, name, value === undefined ? wrapped : value);
    }
    return config;
  }

  /** `wandb-summary.json`. */
  summary(): Promise<JsonObject | undefined> {
    return this.#json("wandb-summary.json");
  }

  /** `output.log`. */
  console(): Promise<string | undefined> {
    return this.#text("output.log");
  }

  #yaml(name: string, text: string): Json | undefined {
    try {
      return plain(parse(text, { intAsBigInt: true, logLevel: "error" }) as Json);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#events.gap(0, 0, `files/${name} is not valid YAML`);
      return undefined;
    }
  }

  async #json(name: string): Promise<JsonObject | undefined> {
    const text = await this.#text(name);
    if (text === undefined || text.trim() === "") return undefined;
    try {
      const value = parseLosslessJson(text);
      if (isObject(value)) return value;
    } catch (error) {
      if (!(error instanceof MalformedJson)) throw error;
    }
    this.#events.gap(0, 0, `files/${name} is not a JSON object`);
    return undefined;
  }

  async #text(name: string): Promise<string | undefined> {
    const read = await readSmallFile(this.#files, `files/${name}`, longest);
    if (read === undefined) return undefined;
    if ("content" in read) return read.content.toString("utf8");
    this.#events.gap(0, 0, read.problem);
    return undefined;
  }
}

/** The same with integers that are exact as numbers made numbers. */
function plain(value: Json): Json {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  const object: { [key: string]: Json } = {};
  for (const [name, property] of Object.entries(value)) setKey(object, name, plain(property));
  return object;
}
