import { parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { Json } from "../../../src/model/json.ts";
import { isObject } from "../../../src/model/json.ts";
import type { LogRecord } from "./fixture_runs.ts";
import { mediaOf } from "./media_oracle.ts";
import { environmentOf, telemetryOf } from "./environment_oracle.ts";
import { merge, type Mutable, put, removeAt } from "./value_oracle.ts";

/** An event without its number, media reduced to their facts. */
export type Atom = { readonly type: string; readonly [field: string]: unknown };

/** An item of a config, summary or history record. */
interface Item {
  readonly key?: string;
  readonly nested_key?: readonly string[];
  readonly value_json: string;
}

const pathOf = ({ key, nested_key }: Item): readonly string[] =>
  nested_key === undefined || nested_key.length === 0 ? [key ?? ""] : nested_key;

/** ms since epoch of a timestamp in RFC 3339. */
export function milliseconds(text: string): number {
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return Date.parse(`${seconds}Z`) + Number(fraction.padEnd(9, "0")) / 1e6;
}

const timed = (text: string | undefined): { time?: number } =>
  text === undefined ? {} : { time: milliseconds(text) };

/** What a log's records mean, record by record; the console, the summary and the end apart. */
export class RecordOracle {
  readonly atoms: Atom[] = [];
  readonly summary: Mutable = {};
  readonly console = { stdout: "", stderr: "" };
  exitCode: number | undefined;
  #next: number | bigint = 0;
  #said = new Set<string>();
  #identity = "";
  #version: string | undefined;

  constructor(records: readonly LogRecord[]) {
    for (const record of records) this.#record(record);
    for (const key of ["_wandb", "_step", "_runtime", "_timestamp"]) delete this.summary[key];
  }

  #record(record: LogRecord): void {
    const { run, history, config, stats, summary, metric, alert, exit } = record;
    const output = record.output ?? record.output_raw;
    if (record.header?.version_info?.producer !== undefined) {
      this.#version = record.header.version_info.producer.split("+")[0];
    }
    if (run !== undefined) this.#run(run);
    if (config !== undefined) this.#config(config);
    if (history !== undefined) this.#history(history);
    if (stats !== undefined) this.#stats(stats);
    if (summary !== undefined) this.#summarise(summary);
    if (metric !== undefined) this.atoms.push(metricOf(metric));
    if (alert !== undefined) {
      const { title, text, level } = alert;
      this.atoms.push({ type: "alert", title, text, level });
    }
    if (record.artifact !== undefined) this.atoms.push(artifactOf(record.artifact));
    if (record.telemetry !== undefined) this.#environment(telemetryOf(record.telemetry));
    if (record.environment !== undefined) this.#environment(environmentOf(record.environment));
    if (output !== undefined) {
      this.console[output.output_type === "STDOUT" ? "stdout" : "stderr"] += output.line ?? "";
    }
    if (exit !== undefined) this.exitCode = exit.exit_code ?? 0;
  }

  #run(run: LogRecord): void {
    this.#version ??= run.telemetry?.cli_version;
    const atom = {
      type: "run",
      id: run.run_id,
      ...optional("workspace", run.entity),
      ...optional("project", run.project),
      ...optional("group", run.run_group),
      ...optional("jobType", run.job_type),
      ...optional("name", run.display_name),
      ...optional("description", run.notes),
      ...optional("tags", run.tags),
      ...optional("sweep", run.sweep_id),
      ...optional("host", run.host),
      ...optional("startedAt", run.start_time && milliseconds(run.start_time)),
      ...optional("resumed", run.resumed ?? run.resume),
      version: this.#version,
    };
    if (JSON.stringify(atom) !== this.#identity) this.atoms.push(atom);
    this.#identity = JSON.stringify(atom);
    if (run.config !== undefined) this.#config(run.config);
    if (run.telemetry !== undefined) this.#environment(telemetryOf(run.telemetry));
    if (run.git !== undefined) this.#environment(run.git);
  }

  #config({ update = [], remove = [] }: LogRecord): void {
    const set: Mutable = {};
    for (const item of update) put(set, pathOf(item), parseLosslessJson(item.value_json));
    const internal = Object.hasOwn(set, "_wandb") ? set["_wandb"] : {};
    delete set["_wandb"];
    if (Object.keys(set).length > 0 || remove.length > 0) {
      this.atoms.push({
        type: "config",
        set,
        ...(remove.length === 0 ? {} : { remove: remove.map(pathOf) }),
      });
    }
    if (isObject(internal)) this.#charts(internal);
  }

  /** What the client keeps in the config about charts and labels, each thing once. */
  #charts(internal: { readonly [group: string]: Json }): void {
    for (const group of ["visualize", "viz"]) {
      for (const [key, chart] of Object.entries(internal[group] ?? {})) {
        this.#once({ type: "metric", key, kind: "chart", chart });
      }
    }
    for (const group of ["mask/class_labels", "bounding_box/class_labels"]) {
      for (const [name, labels] of Object.entries(internal[group] ?? {})) {
        const key = name.split("_wandb_delimeter_")[0];
        this.#once({ type: "metric", key, kind: "image", chart: { [group]: { [name]: labels } } });
      }
    }
  }

  #once(atom: Atom): void {
    const text = JSON.stringify(atom);
    if (!this.#said.has(text)) this.atoms.push(atom);
    this.#said.add(text);
  }

  #environment(metadata: { readonly [name: string]: unknown }): void {
    if (Object.keys(metadata).length > 0) this.#once({ type: "environment", metadata });
  }

  #history({ item = [], step }: LogRecord): void {
    const row: Mutable = {};
    for (const each of item) put(row, pathOf(each), parseLosslessJson(each.value_json));
    const { _step: own, _timestamp: seconds, _runtime: _, ...rest } = row;
    const explicit = step === undefined ? undefined : Number(step.num ?? 0);
    const whole = typeof own === "bigint" || (typeof own === "number" && Number.isInteger(own));
    const at = whole ? own > this.#next ? own : this.#next : explicit ?? this.#next;
    this.#next = typeof at === "bigint" ? at + 1n : at + 1;
    const time = { time: Number(seconds) * 1000 };
    const values: Mutable = {};
    const media: Atom[] = [];
    for (const [key, value] of Object.entries(rest)) flatten(key, value, at, values, media);
    this.atoms.push({ type: "history", ...time, step: at, values });
    for (const each of media) this.atoms.push({ ...each, ...time, step: at });
  }

  #stats({ timestamp, item }: LogRecord): void {
    const values: Mutable = {};
    for (const { key, value_json } of item) {
      flatten(key, parseLosslessJson(value_json), 0, values, []);
    }
    this.atoms.push({ type: "system", ...timed(timestamp), values });
  }

  #summarise({ update = [], remove = [] }: LogRecord): void {
    for (const item of update) put(this.summary, pathOf(item), parseLosslessJson(item.value_json));
    for (const item of remove) removeAt(this.summary, pathOf(item));
  }
}

function optional(name: string, value: unknown): { readonly [name: string]: unknown } {
  return value === undefined || value === "" ? {} : { [name]: value };
}

function flatten(key: string, value: Json, step: unknown, values: Mutable, media: Atom[]): void {
  const found = mediaOf(value, key, step);
  if (found !== undefined) media.push({ type: "media", key, ...found });
  else if (isObject(value)) {
    for (const [name, part] of Object.entries(value)) {
      flatten(`${key}.${name}`, part, step, values, media);
    }
  } else merge(values, key, value);
}

function metricOf(metric: LogRecord): Atom {
  const summary = Object.keys(metric.summary ?? {});
  return {
    type: "metric",
    key: (metric.name ?? metric.glob_name).replaceAll("\\.", "."),
    ...optional("stepMetric", metric.step_metric),
    ...optional("hidden", metric.options?.hidden),
    ...(summary.length === 0 ? {} : { summary: summary.sort() }),
    ...optional("goal", metric.goal?.replace("GOAL_", "").toLowerCase()),
  };
}

function artifactOf(artifact: LogRecord): Atom {
  const metadata = artifact.metadata === undefined ? {} : JSON.parse(artifact.metadata);
  return {
    type: "artifact",
    direction: "output",
    kind: artifact.type,
    name: artifact.name,
    aliases: artifact.aliases ?? [],
    ...optional("description", artifact.description),
    metadata: { ...metadata, ...optional("tags", artifact.tags) },
    entries: artifact.manifest.contents.map((entry: LogRecord) => {
      const bytes = optional("bytes", entry.size && Number(entry.size));
      return {
        path: entry.path,
        ...optional("digest", entry.digest),
        ...bytes,
        ...optional("ref", entry.ref),
        ...(entry.local_path === undefined ? {} : { file: { path: entry.local_path, ...bytes } }),
      };
    }),
  };
}
