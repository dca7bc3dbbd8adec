import { Buffer } from "node:buffer";
import type { RunFiles } from "../../../src/adapter.ts";
import { parsePythonYaml } from "../../../src/codec/python_yaml.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import { isObject, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";
import type { ConsoleLine, ConsoleLines } from "./console_lines.ts";
import type { EventList } from "./event_list.ts";
import { parsed } from "./json_item.ts";
import { own, removePath, type Tree } from "./value_tree.ts";

/** Files that the client makes itself; what they hold are events of their own, not saved files. */
export const generated: ReadonlySet<string> = new Set([
  "config.yaml",
  "wandb-summary.json",
  "wandb-metadata.json",
  "requirements.txt",
  "conda-environment.yaml",
  "output.log",
]);

/** The most that is read of one of them at once, in bytes; a longer one is a gap. */
const longest = 16 * 1024 * 1024;

/** What the log itself said, so that the files beside it need not. */
export interface Told {
  readonly config: boolean;
  readonly summary: boolean;
  readonly console: boolean;
  readonly environment: boolean;
}

/** By-products of a run in `files/`; each may be missing. The log counts where it has the same. */
export class SideFiles {
  readonly #files: Pick<RunFiles, "file">;
  readonly #events: EventList;

  constructor(files: Pick<RunFiles, "file">, events: EventList) {
    this.#files = files;
    this.#events = events;
  }

  /** Passes on requirements, and whatever the log did not tell. */
  async passOn(told: Told): Promise<void> {
    if (!told.config) await this.#config();
    if (!told.environment) await this.#metadata();
    const requirements = await this.#text("requirements.txt");
    const conda = await this.#text("conda-environment.yaml");
    if (requirements !== undefined || conda !== undefined) {
      this.#events.add({
        type: "environment",
        ...(requirements === undefined ? {} : { requirements }),
        ...(conda === undefined ? {} : { conda }),
      });
    }
    if (!told.summary) await this.#summary();
  }

  /** The console as the client wrote it down: text without times, rewrites already folded. */
  async *console(lines: ConsoleLines): AsyncGenerator<readonly ConsoleLine[]> {
    const stream = await this.#open("output.log");
    if (stream === undefined) return;
    const decoder = new TextDecoder();
    for await (const piece of stream) {
      yield lines.write("stdout", decoder.decode(piece, { stream: true }), undefined);
    }
    yield lines.write("stdout", decoder.decode(), undefined);
    yield lines.end();
  }

  /** Values are wrapped as {desc, value} or {value}; the client's own `_wandb` is left out. */
  async #config(): Promise<void> {
    const text = await this.#text("config.yaml");
    if (text === undefined) return;
    const { value: wrapped } = parsePythonYaml(text);
    if (!isObject(wrapped)) return this.#gap("config.yaml", text, "is not a YAML mapping");
    const set: Tree = {};
    for (const [key, entry] of Object.entries(wrapped)) {
      if (key === "_wandb" || key === "wandb_version") continue;
      const value = isObject(entry) ? own(entry, "value") : undefined;
      setKey(set, key, value ?? entry);
    }
    if (Object.keys(set).length > 0) this.#events.add({ type: "config", set });
  }

  async #metadata(): Promise<void> {
    const metadata = await this.#json("wandb-metadata.json");
    if (metadata !== undefined) this.#events.add({ type: "environment", metadata });
  }

  async #summary(): Promise<void> {
    const summary = await this.#json("wandb-summary.json");
    if (summary === undefined) return;
    const set: Tree = { ...summary };
    for (const key of ["_wandb", "_step", "_runtime", "_timestamp"]) removePath(set, [key]);
    if (Object.keys(set).length > 0) this.#events.add({ type: "summary", set });
  }

  async #json(name: string): Promise<JsonObject | undefined> {
    const text = await this.#text(name);
    if (text === undefined) return undefined;
    const value: Json | undefined = parsed(text);
    if (isObject(value)) return value;
    this.#gap(name, text, "is not a JSON object");
    return undefined;
  }

  /** The text of a file; undefined when there is none, a gap when it cannot be had. */
  async #text(name: string): Promise<string | undefined> {
    const stream = await this.#open(name);
    if (stream === undefined) return undefined;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of stream) {
      bytes += piece.length;
      if (bytes > longest) {
        this.#gap(name, "", `is longer than ${longest} bytes`);
        return undefined;
      }
      pieces.push(piece);
    }
    return bytes === 0 ? undefined : Buffer.concat(pieces).toString("utf8");
  }

  async #open(name: string): Promise<ReadableStream<Uint8Array> | undefined> {
    try {
      return await this.#files.file({ path: `files/${name}` });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if (systemCode(error.cause) !== "ENOENT") this.#gap(name, "", error.message);
      return undefined;
    }
  }

  #gap(name: string, text: string, reason: string): void {
    const bytes = Buffer.byteLength(text);
    this.#events.add({ type: "gap", offset: 0, bytes, reason: `files/${name} ${reason}` });
  }
}
