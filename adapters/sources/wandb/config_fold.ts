import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  setKey,
} from "../../../src/model/json.ts";
import { member } from "./json_fields.ts";
import { type KeyItem, readItem } from "./key_items.ts";
import type { RunEvents } from "./run_events.ts";

type Path = readonly string[];

/** The top-level name under which the client keeps what is its own. */
const internal = "_wandb";
/** Objects may be nested this deep; no real ones are. */
const deepest = 1000;

/**
 * The configuration of a run: what its records set and take out, passed on as it changes. A value
 * set at a path replaces what was there, as it did in the program; events join objects, so the names
 * that are gone are taken out by the same event. What the client keeps for itself under `_wandb` is
 * not passed on here.
 */
export class ConfigFold {
  readonly #events: RunEvents;
  readonly #tree: MutableJsonObject = {};
  /** Custom charts by key, as JSON, that were passed on. */
  readonly #charts = new Map<string, string>();
  /** Whether nothing was said about it at all. */
  isEmpty = true;

  constructor(events: RunEvents) {
    this.#events = events;
  }

  /** What the client keeps for itself. */
  get internal(): JsonObject | undefined {
    const found = this.#tree[internal];
    return isObject(found) && Object.keys(found).length > 0 ? found : undefined;
  }

  /** The class labels of a mask or of boxes. */
  labels(kind: string, key: string, name: string): Json | undefined {
    const group = member(this.internal, kind);
    return member(member(group, `${key}_wandb_delimeter_${name}`), "value");
  }

  /**
   * Takes in a configuration record: updates, then removals.
   * @throws {MalformedProtobuf} when the bytes are no such record.
   */
  record(reader: ProtobufReader): void {
    const updates: KeyItem[] = [];
    const removals: Path[] = [];
    while (reader.next()) {
      if (reader.field === 1) updates.push(readItem(reader.message()));
      else if (reader.field === 2) removals.push(readItem(reader.message()).path);
      else reader.skip();
    }
    this.#apply(updates, removals);
  }

  /** Takes in a whole configuration. */
  object(values: JsonObject): void {
    const updates = Object.entries(values)
      .map(([name, value]): KeyItem => ({ path: [name], value, bytes: 0 }));
    this.#apply(updates, []);
  }

  #apply(updates: readonly KeyItem[], removals: readonly Path[]): void {
    const set: MutableJsonObject = {};
    const gone: Path[] = [];
    if (updates.length > 0) this.isEmpty = false;
    for (const { path, value, bytes } of updates) {
      if (value === undefined || path.length > deepest) {
        this.#events.unknown(`config ${path.slice(0, deepest).join(".")}`, bytes);
        continue;
      }
      const before = valueAt(this.#tree, path);
      if (before !== undefined && writeLosslessJson(before) === writeLosslessJson(value)) continue;
      stale(before, value, path, gone);
      assign(this.#tree, path, value);
      if (path[0] !== internal) assign(set, path, value);
    }
    for (const path of removals) {
      gone.push(path);
      remove(this.#tree, path);
      remove(set, path);
    }
    this.#pass(set, gone);
    this.#passCharts();
  }

  #pass(set: JsonObject, gone: readonly Path[]): void {
    const remove = gone.filter((path) =>
      path[0] !== internal && valueAt(this.#tree, path) === undefined
    );
    const isSet = Object.keys(set).length > 0;
    const seq = isSet || remove.length > 0 ? this.#events.next() : -1;
    if (seq < 0) return;
    this.#events.add(
      remove.length > 0 ? { type: "config", seq, set, remove } : { type: "config", seq, set },
    );
  }

  /** Custom charts: `visualize` from 0.10.13 on, `viz` before. */
  #passCharts(): void {
    for (const name of ["visualize", "viz"]) {
      const charts = member(this.internal, name);
      if (!isObject(charts)) continue;
      for (const [key, chart] of Object.entries(charts)) {
        if (!isObject(chart)) continue;
        const text = writeLosslessJson(chart);
        if (this.#charts.get(key) === text) continue;
        this.#charts.set(key, text);
        const seq = this.#events.next();
        this.#events.add({ type: "metric", seq, key, kind: "chart", chart });
      }
    }
  }
}

/** The value at a path; undefined when there is none. */
function valueAt(tree: JsonObject, path: Path): Json | undefined {
  let value: Json | undefined = tree;
  for (const name of path) value = member(value, name);
  return value;
}

function assign(tree: MutableJsonObject, path: Path, value: Json): void {
  let target = tree;
  for (const name of path.slice(0, -1)) {
    const found = Object.hasOwn(target, name) ? target[name] : undefined;
    const inner: MutableJsonObject = isObject(found) ? { ...found } : {};
    setKey(target, name, inner);
    target = inner;
  }
  setKey(target, path.at(-1) ?? "", value);
}

function remove(tree: MutableJsonObject, path: Path): void {
  const parent = valueAt(tree, path.slice(0, -1));
  const name = path.at(-1) ?? "";
  if (!isObject(parent) || !Object.hasOwn(parent, name)) return;
  const rest = Object.fromEntries(Object.entries(parent).filter(([key]) => key !== name));
  if (path.length > 1) assign(tree, path.slice(0, -1), rest);
  else delete tree[name];
}

/** Collects the paths in `before` that an assignment of `after` does away with. */
function stale(before: Json | undefined, after: Json, path: Path, gone: Path[]): void {
  if (!isObject(before) || !isObject(after)) return;
  for (const [name, value] of Object.entries(before)) {
    const inner = [...path, name];
    if (!Object.hasOwn(after, name)) gone.push(inner);
    else stale(value, after[name] ?? null, inner, gone);
  }
}
