import assert from "node:assert/strict";
import { lstatSync } from "node:fs";
import type { Context, Place, RunReader, Source } from "../../src/adapter.ts";
import { walk } from "../../src/files/walk.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { Integer, Json } from "../../src/model/json.ts";
import type { RunRef } from "../../src/model/run.ts";
import { testContext } from "./context.ts";
import { copyInto, inScratch } from "./scratch.ts";

/** One value that the program logged: key, step, value. */
export type Point = readonly [key: string, step: Integer, value: Json];

/** A real, undamaged run to try a source on. */
export interface Sample {
  /** The run directory or file, or a directory that holds this one run; every case copies it. */
  readonly path: string;
  /** Every scalar that the program logged, by its own account; the order does not matter. */
  readonly points: readonly Point[];
  /** Set when one damaged place makes the whole run unreadable, as a hash over all of it does. */
  readonly indivisible?: true;
}

/** A source and the run that it is tried on. */
export interface SourceSubject {
  readonly source: Source;
  readonly sample: Sample;
  /** Directories and files that are none of this source's. */
  readonly foreign: readonly string[];
}

/** A copy of the sample, found by the source. */
export interface Copy {
  /** The only thing in it is the copy. */
  readonly directory: string;
  readonly ref: RunRef;
  /** The log, or the lone file that is the run; undefined when there is no such one file. */
  readonly log: string | undefined;
}

/** What a whole reading gave. */
export interface Reading {
  readonly events: readonly RunEvent[];
  readonly tail: RunReader["tail"];
}

/** Every place below a path, as the core shows them to sources. */
export async function places(path: string): Promise<readonly Place[]> {
  return await Array.fromAsync(walk(path));
}

/** The runs that a source recognises at or below a path. */
export async function recognised(source: Source, path: string): Promise<readonly RunRef[]> {
  const refs: RunRef[] = [];
  for (const place of await places(path)) {
    if (refs.some((ref) => place.path.startsWith(`${ref.path}/`))) continue;
    refs.push(...await source.recognise(place, testContext()));
  }
  return refs;
}

/** Calls `use` with a copy of the sample. */
export function withCopy(
  { source, sample }: SourceSubject,
  use: (copy: Copy) => Promise<void>,
): Promise<void> {
  return inScratch(async (directory) => {
    copyInto(directory, sample.path);
    const refs = await recognised(source, directory);
    assert.equal(refs.length, 1, `${sample.path} is one run`);
    const [ref] = refs as [RunRef];
    const lone = lstatSync(ref.path).isFile() ? ref.path : undefined;
    await use({ directory, ref, log: ref.log ?? lone });
  });
}

/** Opens a run, hands it to `use` and disposes it. */
export async function withReader<Result>(
  source: Source,
  ref: RunRef,
  use: (reader: RunReader) => Promise<Result>,
  context: Context = testContext(),
): Promise<Result> {
  await using reader = await source.open(ref, context);
  return await use(reader);
}

/** Every event of a run. */
export async function readAll(reader: RunReader): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const array of reader.events()) events.push(...array);
  return events;
}

/** Opens a run and reads it to its end. */
export function reading(source: Source, ref: RunRef): Promise<Reading> {
  return withReader(source, ref, async (reader) => {
    const events = await readAll(reader);
    return { events, tail: reader.tail };
  });
}

/** The values of the history rows, in the order of the events. */
export function historyPoints(events: readonly RunEvent[]): readonly Point[] {
  return events.flatMap((event) =>
    event.type !== "history"
      ? []
      : Object.entries(event.values).map(([key, value]): Point => [key, event.step, value])
  );
}

/** A text for a point: equal only for equal points. */
export function pointText([key, step, value]: Point): string {
  return JSON.stringify([key, valueText(step), valueText(value)]);
}

function valueText(value: Json): string {
  if (typeof value === "bigint") return `${value}`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}n` : part);
}
