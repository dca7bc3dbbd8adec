/** The fixtures, what is known of them, and what the source makes of them. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { wandb } from "../../../adapters/sources/wandb/source.ts";
import type { Context, RunReader, Tail } from "../../../src/adapter.ts";
import { parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { walk } from "../../../src/files/walk.ts";
import type { EventType, RunEvent } from "../../../src/model/event.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import type { RunRef } from "../../../src/model/run.ts";
import { testContext } from "../../contract/context.ts";

export const root: string = join(import.meta.dirname ?? "", "../../fixtures/wandb");

/** One run directory of a fixture, with the program's and the official reader's account of it. */
export interface FixtureRun {
  /** "0.31.0/basic", and "#2" for the second directory of a case. */
  readonly name: string;
  readonly label: string;
  /** Folder of the case. */
  readonly folder: string;
  /** The run directory. */
  readonly path: string;
  readonly truth: JsonObject;
  /** Where the case's copies of artifacts came from, and the folder that has them. */
  readonly external: JsonObject;
  readonly records: readonly JsonObject[];
}

function names(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}

export function readJson(path: string): JsonObject {
  return parseLosslessJson(readFileSync(path, "utf8")) as JsonObject;
}

function readLines(path: string): readonly JsonObject[] {
  const text = existsSync(path)
    ? readFileSync(path, "utf8")
    : gunzipSync(readFileSync(`${path}.gz`)).toString("utf8");
  return text.split("\n").filter((line) => line !== "")
    .map((line) => parseLosslessJson(line) as JsonObject);
}

function runsOf(label: string, name: string): readonly FixtureRun[] {
  const folder = join(root, label, name);
  const all = readJson(join(folder, "truth.json"));
  const runs = all["runs"] as readonly JsonObject[];
  return runs.map((truth, index) => {
    const suffix = runs.length === 1 ? "" : `-${index + 1}`;
    return {
      name: `${label}/${name}${index === 0 ? "" : `#${index + 1}`}`,
      label,
      folder,
      path: join(folder, truth["dir"] as string),
      truth,
      external: all["external"] as JsonObject,
      records: readLines(join(folder, `records${suffix}.jsonl`)),
    };
  });
}

/** Every run that a real client wrote. */
export const fixtureRuns: readonly FixtureRun[] = names(root)
  .filter((label) => /^\d/.test(label))
  .flatMap((label) => names(join(root, label)).map((name) => [label, name] as const))
  .filter(([label, name]) => existsSync(join(root, label, name, "truth.json")))
  .flatMap(([label, name]) => runsOf(label, name));

/** A whole reading of a run. */
export interface Reading {
  readonly ref: RunRef;
  readonly events: readonly RunEvent[];
  readonly tail: Tail | undefined;
}

/** The runs that the source recognises at and below a path. */
export async function recognised(path: string): Promise<readonly RunRef[]> {
  const refs: RunRef[] = [];
  for await (const place of walk(path)) {
    const found = await wandb.recognise(place, testContext());
    place.deeper = !found.some((ref) => ref.path === place.path);
    refs.push(...found);
  }
  return refs;
}

/** The only run at a path. */
async function onlyRun(path: string): Promise<RunRef> {
  const refs = await recognised(path);
  assert.equal(refs.length, 1, `${path} is one run`);
  return refs[0] as RunRef;
}

/** Opens a run, hands it to `use` and disposes it. */
export async function withRun<Result>(
  path: string,
  use: (reader: RunReader) => Promise<Result>,
  context: Context = testContext(),
): Promise<Result> {
  await using reader = await wandb.open(await onlyRun(path), context);
  return await use(reader);
}

/** Every event of an open run. */
export async function eventsOf(reader: RunReader): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const array of reader.events()) events.push(...array);
  assert.deepEqual(events.map(({ seq }) => seq), [...events.keys()], "seq counts without gaps");
  return events;
}

/** Reads the only run at a path to its end. */
export async function readRun(path: string, context?: Context): Promise<Reading> {
  const ref = await onlyRun(path);
  return await withRun(path, async (reader) => {
    const events = await eventsOf(reader);
    return { ref, events, tail: reader.tail };
  }, context);
}

/** The events of one type. */
export function ofType<Type extends EventType>(
  events: readonly RunEvent[],
  type: Type,
): readonly (RunEvent & { readonly type: Type })[] {
  return events.filter((event): event is RunEvent & { readonly type: Type } => event.type === type);
}

/** The only event of a type. */
export function onlyOf<Type extends EventType>(
  events: readonly RunEvent[],
  type: Type,
): RunEvent & { readonly type: Type } {
  const found = ofType(events, type);
  assert.equal(found.length, 1, `one ${type} event`);
  return found[0] as RunEvent & { readonly type: Type };
}

/** Sets what `set` has into `target`, objects joined. */
export function merge(target: { [key: string]: Json }, set: JsonObject): void {
  for (const [key, value] of Object.entries(set)) {
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    const property = { writable: true, enumerable: true, configurable: true };
    if (isPlainObject(before) && isPlainObject(value)) {
      const joined: { [key: string]: Json } = {};
      merge(joined, before);
      merge(joined, value);
      Object.defineProperty(target, key, { value: joined, ...property });
    } else Object.defineProperty(target, key, { value, ...property });
  }
}

function isPlainObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the config or summary events of a run amount to. */
export function folded(
  events: readonly RunEvent[],
  type: "config" | "summary",
): { [key: string]: Json } {
  const state: { [key: string]: Json } = {};
  for (const { set, remove } of ofType(events, type)) {
    merge(state, set);
    for (const path of remove ?? []) takeOut(state, path);
  }
  return state;
}

export function takeOut(state: { [key: string]: Json }, path: readonly string[]): void {
  const [name = "", ...rest] = path;
  if (!Object.hasOwn(state, name)) return;
  if (rest.length === 0) delete state[name];
  else takeOut(state[name] as { [key: string]: Json }, rest);
}
