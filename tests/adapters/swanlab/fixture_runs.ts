import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import type { Context, RunReader, Tail } from "../../../src/adapter.ts";
import { walk } from "../../../src/files/walk.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { RunInfo, RunRef } from "../../../src/model/run.ts";

/** Where the fixtures of the SwanLab clients lie. */
export const fixtures = "tests/fixtures/swanlab";

/** One scenario as one client wrote it. */
export interface FixtureCase {
  readonly version: string;
  readonly name: string;
  readonly folder: string;
}

/** Every undamaged fixture. */
export function fixtureCases(): readonly FixtureCase[] {
  return readdirSync(fixtures, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "damaged")
    .flatMap(({ name: version }) =>
      readdirSync(join(fixtures, version)).map((name) => ({
        version,
        name,
        folder: join(fixtures, version, name),
      }))
    )
    .sort((left, right) => left.folder < right.folder ? -1 : 1);
}

/** What tests give to the source. */
export function context(parts: Partial<Context> = {}): Context {
  return {
    signal: new AbortController().signal,
    now: (): number => 0,
    wait: () => Promise.resolve(),
    environment: {},
    home: "/nonexistent",
    followOutside: false,
    notice: (): void => undefined,
    ...parts,
  };
}

/** The runs at and below a path, in order of path. */
export async function runsBelow(path: string): Promise<readonly RunRef[]> {
  const found: RunRef[] = [];
  for await (const place of walk(path)) {
    const refs = await swanlab.recognise(place, context());
    if (refs.some((ref) => ref.path === place.path)) place.deeper = false;
    found.push(...refs);
  }
  return found.sort((left, right) => left.path < right.path ? -1 : 1);
}

/** A run read to its end. */
export interface ReadRun {
  readonly ref: RunRef;
  readonly info: RunInfo;
  readonly events: readonly RunEvent[];
  readonly tail: Tail | undefined;
  readonly reader: RunReader;
}

/** Reads a run to its end. */
export async function readRun(ref: RunRef, parts: Partial<Context> = {}): Promise<ReadRun> {
  const reader = await swanlab.open(ref, context(parts));
  const events: RunEvent[] = [];
  for await (const piece of reader.events()) events.push(...piece);
  return { ref, info: reader.info, events, tail: reader.tail, reader };
}

/** Reads the only run at or below a path. */
export async function readOnly(path: string, parts: Partial<Context> = {}): Promise<ReadRun> {
  const refs = await runsBelow(path);
  const [ref] = refs;
  if (ref === undefined || refs.length !== 1) {
    throw new Error(`${refs.length} runs in ${path}`);
  }
  return await readRun(ref, parts);
}

/** The text of a file that may be there gzipped; undefined when it is not there at all. */
export function textOf(path: string): string | undefined {
  if (existsSync(path)) return readFileSync(path, "utf8");
  return existsSync(`${path}.gz`)
    ? gunzipSync(readFileSync(`${path}.gz`)).toString("utf8")
    : undefined;
}

/** A line of the oracle's dump; its fields depend on the layout. */
// deno-lint-ignore no-explicit-any
export type OracleLine = any;

/** What the client's own reader made of a fixture, or a resynchronising one where that finds more. */
export function oracleLines(folder: string): readonly OracleLine[] {
  const text = textOf(join(folder, "records.resync.jsonl")) ??
    textOf(join(folder, "records.jsonl")) ?? "";
  return text.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(bareNumbers(line))
  );
}

/** JSON has no NaN, which the oracle writes bare, and no long integers, which we want exact. */
function bareNumbers(line: string): string {
  return line.replaceAll(/("(?:step|index)": )(\d{16,})/g, '$1"$2"').replaceAll(
    /(: )(NaN|-?Infinity)([,}])/g,
    '$1"$2"$3',
  );
}

/** A stream of bytes as one. */
export async function contentOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
