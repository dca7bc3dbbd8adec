import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { atomsOf } from "./event_atoms.ts";
import { eventsOf, fixtureRun, type Reading, readRun, recordsOf } from "./fixture_runs.ts";
import { RecordOracle } from "./record_oracle.ts";
import { terminalLines } from "./terminal.ts";

const root = "tests/fixtures/wandb";

/** A damaged copy of a log, with what can still be read of it. */
interface Variant {
  readonly title: string;
  readonly directory: string;
  readonly source: string;
  readonly header: string;
  readonly size: number;
  readonly original_size: number;
  /** Damaged bytes; those behind the end are cut off. */
  readonly ranges: readonly (readonly [number, number])[];
  /** 1-based. */
  readonly intact: readonly number[];
}

const variants: readonly Variant[] = ["damaged", "damaged-shifted"].flatMap((folder) =>
  readdirSync(join(root, folder)).sort().map((name): Variant => {
    const directory = join(root, folder, name);
    const expected = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8"));
    return { ...expected, title: `${folder}/${name}`, directory };
  })
);

const refusals: { readonly [title: string]: RegExp } = {
  "damaged/header_version_9": /its format version is 9/,
  "damaged/garbage": /not a W&B log/,
};

/** Stretches of the log that were told to be unreadable, the end included. */
function told({ events, tail }: Reading): readonly (readonly [number, number])[] {
  const gaps = eventsOf(events, "gap").map(({ offset, bytes }) =>
    [offset, offset + bytes] as const
  );
  return tail === undefined ? gaps : [...gaps, [tail.offset, tail.offset + tail.bytes] as const];
}

for (const variant of variants.filter(({ title }) => refusals[title] !== undefined)) {
  test(`${variant.title} is refused with the reason`, async () => {
    await assert.rejects(() => readRun(variant.directory), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, refusals[variant.title] as RegExp);
      assert.match(error.hint ?? "", /\.$/);
      return true;
    });
  });
}

for (const variant of variants.filter(({ title }) => refusals[title] === undefined)) {
  const [label, name] = variant.source.split("/");
  const records = recordsOf(fixtureRun(`${label}/${name}`));
  const kept = new Set(variant.intact);
  const intact = records.filter((_, at) => kept.has(at + 1));

  test(`${variant.title}: every intact record is read and nothing is invented`, async () => {
    const { events } = await readRun(variant.directory);
    const oracle = new RecordOracle(intact);
    const atoms = atomsOf(events);
    if (intact.length > 0) assert.deepEqual(atoms, oracle.atoms);
    else assert.deepEqual(atoms.map(({ type, id }) => [type, id]), [["run", "fxlong1"]]);
    for (const stream of ["stdout", "stderr"] as const) {
      const lines = eventsOf(events, "console").filter((event) => event.stream === stream);
      assert.deepEqual(lines.map(({ text }) => text), terminalLines(oracle.console[stream]));
    }
    const summary = Object.assign({}, ...eventsOf(events, "summary").map(({ set }) => set));
    assert.deepEqual(summary, oracle.summary);
    const codes = eventsOf(events, "finish").map(({ exitCode }) => exitCode);
    assert.deepEqual(codes, oracle.exitCode === undefined ? [] : [oracle.exitCode]);
  });

  test(`${variant.title}: what is unreadable is told, no more than there is`, async () => {
    const reading = await readRun(variant.directory);
    const { size, original_size, intact, ranges, header } = variant;
    const harmed = ranges.filter(([start]) => start < size && start >= 7);
    const stretches = told(reading);
    for (const [start, end] of harmed) {
      const covered = stretches.some(([from, to]) => from <= start && to >= Math.min(end, size));
      assert.ok(covered, `${start}-${end} is in ${stretches.join("; ")}`);
    }
    for (const [from, to] of stretches) assert.ok(from < to || size === 0 || header === "ok");
    const isWhole = intact.length === records.length && size === original_size;
    assert.equal(stretches.length === 0, isWhole);
    assert.equal(reading.tail === undefined, size === original_size);
    const gaps = eventsOf(reading.events, "gap").length;
    assert.equal(gaps > 0, size === original_size && !isWhole);
  });
}

for (const name of readdirSync(join(root, "edges")).sort()) {
  test(`edges/${name}: a record at the end of a block is read, whatever the alignment`, async () => {
    const directory = join(root, "edges", name);
    const expected = JSON.parse(readFileSync(join(directory, "expected.json"), "utf8"));
    const { events, tail } = await readRun(directory);
    assert.equal(tail, undefined);
    const line = "x".repeat(expected.filler_length - 1);
    const time = 1_700_000_000_000;
    const run = { id: "edge", project: "edges", startedAt: time };
    assert.deepEqual(events.map(({ seq: _, ...event }) => event), [
      { ...run, type: "run", writer: { tracker: "wandb", version: "0.17.5", format: ".wandb v0" } },
      { type: "history", time, step: 0, values: { loss: 0.5 } },
      { type: "history", time, step: 1, values: { loss: 1.5 } },
      { type: "console", time, stream: "stdout", text: line, line: 1 },
      { type: "finish", state: "finished", exitCode: 0 },
    ]);
  });
}
