import assert from "node:assert/strict";
import { test } from "node:test";
import { atomsOf } from "./event_atoms.ts";
import { eventsOf, fixtureRuns, readRun, recordsOf } from "./fixture_runs.ts";
import { RecordOracle } from "./record_oracle.ts";
import { terminalLines } from "./terminal.ts";

/** Ends with the first chunk of a record and a block; the official reader takes that for the end. */
const cutAtBlockEnd = "0.19.11/crash";

for (const run of fixtureRuns) {
  test(`${run.title}: every record is an event as it stands in the log`, async () => {
    const { events, tail } = await readRun(run.directory);
    const oracle = new RecordOracle(recordsOf(run));
    const atoms = [...atomsOf(events)];
    const named = oracle.atoms.some(({ type }) => type === "run") ? [] : atoms.splice(0, 1);
    assert.deepEqual(named.map(({ id }) => id), named.map(() => run.truth.run_id));
    assert.deepEqual(atoms.slice(0, oracle.atoms.length), oracle.atoms);
    const rest = atoms.slice(oracle.atoms.length).map(({ type }) => type);
    assert.ok(rest.every((type) => type === "environment" || type === "config"), rest.join());
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, at) => at));
    const complete = run.oracle.error === null && run.oracle.wandb_bytes > 7 &&
      run.title !== cutAtBlockEnd;
    assert.deepEqual(eventsOf(events, "gap"), []);
    assert.equal(tail === undefined, complete, `tail: ${tail?.reason}`);
  });

  test(`${run.title}: the console is what a terminal shows`, async () => {
    const { events } = await readRun(run.directory);
    const oracle = new RecordOracle(recordsOf(run));
    const lines = eventsOf(events, "console");
    if (oracle.console.stdout + oracle.console.stderr === "") return;
    for (const stream of ["stdout", "stderr"] as const) {
      assert.deepEqual(
        lines.filter((line) => line.stream === stream).map(({ text }) => text),
        terminalLines(oracle.console[stream]),
      );
    }
    assert.deepEqual(lines.map(({ line }) => line), lines.map((_, at) => at + 1));
  });

  test(`${run.title}: the summary is the sum of its records, the end is the exit record`, async () => {
    const { events } = await readRun(run.directory);
    const { summary, exitCode } = new RecordOracle(recordsOf(run));
    const summaries = eventsOf(events, "summary");
    if (Object.keys(summary).length > 0) {
      assert.deepEqual(summaries.map(({ set, remove }) => [set, remove]), [[summary, undefined]]);
    }
    const ends = eventsOf(events, "finish").map(({ seq: _, ...end }) => end);
    const state = exitCode === 0 ? "finished" : "failed";
    assert.deepEqual(ends, exitCode === undefined ? [] : [{ type: "finish", state, exitCode }]);
    if (exitCode !== undefined) assert.equal(events.at(-1)?.type, "finish");
  });
}
