import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { foldLine } from "../../../adapters/sources/swanlab/local_console.ts";
import { atomsOf } from "./event_atoms.ts";
import { fixtures, readOnly, type ReadRun } from "./fixture_runs.ts";
import { writeTree } from "./made_logs.ts";
import { scratchDirectories } from "./scratch_directory.ts";

const newDirectory = scratchDirectories();

/** A copy of a fixture, and its run directory. */
async function copyOf(version: string, name: string): Promise<{ swanlog: string; run: string }> {
  const swanlog = join(newDirectory(), "swanlog");
  cpSync(join(fixtures, version, name, "swanlog"), swanlog, { recursive: true });
  const { ref } = await readOnly(swanlog);
  return { swanlog, run: ref.path };
}

function ofType({ events }: ReadRun, ...types: string[]): readonly Record<string, unknown>[] {
  return atomsOf(events).filter(({ type }) => types.includes(type as string));
}

test("a last line that is cut short is the tail, and every point before it is there", async () => {
  const { swanlog, run } = await copyOf("0.6.1", "basic");
  const log = join(run, "logs/0/1000.log");
  const whole = readFileSync(log);
  truncateSync(log, whole.length - 10);
  const read = await readOnly(swanlog);
  const loss = ofType(read, "history").filter(({ key }) => key === "loss");
  assert.deepEqual(loss.map(({ step }) => step), Array.from({ length: 19 }, (_, step) => step));
  const last = whole.subarray(0, -1).lastIndexOf("\n") + 1;
  const tail = {
    offset: last,
    bytes: whole.length - 10 - last,
    reason: "logs/0/1000.log: a line that is no point",
  };
  assert.deepEqual(read.tail, tail);
  const again = [];
  for await (const piece of read.reader.events()) again.push(...piece);
  assert.deepEqual(again, read.events);
  assert.deepEqual(read.reader.tail, tail);
});

test("a line in the middle that is no point is a gap", async () => {
  const { swanlog, run } = await copyOf("0.6.1", "basic");
  const log = join(run, "logs/0/1000.log");
  const lines = readFileSync(log, "utf8").split("\n");
  writeFileSync(log, lines.with(3, "\0\0\0\0").join("\n"));
  const read = await readOnly(swanlog);
  assert.equal(ofType(read, "history").filter(({ key }) => key === "loss").length, 19);
  const offset = lines.slice(0, 3).join("\n").length + 1;
  assert.deepEqual(ofType(read, "gap"), [
    { type: "gap", offset, bytes: 4, reason: "logs/0/1000.log: a line that is no point" },
  ]);
});

test("files of a key are read in numeric order, and summaries are no points", async () => {
  const { swanlog, run } = await copyOf("0.6.1", "basic");
  const point = (index: unknown): string => JSON.stringify({ index, data: 1, create_time: "" });
  writeTree(run, {
    "logs/0/1000.log": `${point(0)}\n`,
    "logs/0/10000.log": `${point(9999)}\n`,
    "logs/0/2000.log": `${point("1500")}\n`,
    "logs/0/_summary.json": '{"max": 1, "index": 7}',
    "logs/0/notes.txt": point(8),
  });
  const loss = ofType(await readOnly(swanlog), "history").filter(({ key }) => key === "loss");
  assert.deepEqual(loss.map(({ step }) => step), [0, 1500, 9999]);
});

test("points of the oldest layout stand in one object per file, and keys in folder names", async () => {
  const directory = join(newDirectory(), "run-20240101_000000-0a1b2c3d");
  const data = [
    { index: "0", data: 0.5, create_time: "2024-01-01T00:00:00.25" },
    { index: "1", data: "NaN", create_time: "2024-01-01T00:00:01Z" },
    { data: 3 },
  ];
  writeTree(directory, {
    "logs/val%2Facc/1000.json": JSON.stringify({ create_time: "", update_time: "", data }),
    "logs/broken/1000.json": "{",
    "files/config.yaml": "lr: {desc: null, value: 0.1}\n",
  });
  const read = await readOnly(directory);
  assert.equal(read.info.id, "run-20240101_000000-0a1b2c3d");
  assert.equal(read.info.writer.format, "G1");
  assert.deepEqual(ofType(read, "history"), [
    { type: "history", time: 1704067200250, step: 0, key: "val/acc", value: 0.5 },
    { type: "history", time: 1704067201000, step: 1, key: "val/acc", value: NaN },
  ]);
  assert.deepEqual(ofType(read, "config"), [{ type: "config", set: { lr: 0.1 } }]);
  assert.deepEqual(ofType(read, "gap").map(({ reason }) => reason), [
    "logs/broken/1000.json: no list of points",
    "logs/val%2Facc/1000.json: an entry that is no point",
  ]);
  assert.equal(ofType(read, "finish").length, 0);
});

test("without the database numbered folders keep their numbers, and that is said", async () => {
  const { swanlog } = await copyOf("0.6.1", "basic");
  rmSync(join(swanlog, "runs.swanlab"));
  const read = await readOnly(swanlog);
  const keys = new Set(ofType(read, "history").map(({ key }) => key));
  assert.deepEqual([...keys], ["0", "1", "2", "3", "4"]);
  assert.equal(ofType(read, "history").length, 43);
  assert.equal(ofType(read, "gap").length, 5);
  assert.match(`${ofType(read, "gap")[0]?.["reason"]}`, /^logs\/0: nothing tells which key/);
});

test("a database that is damaged does not hide the points", async () => {
  const { swanlog } = await copyOf("0.6.1", "basic");
  writeFileSync(join(swanlog, "runs.swanlab"), "not a database");
  const read = await readOnly(swanlog);
  assert.equal(ofType(read, "history").length, 43);
  assert.match(`${ofType(read, "gap")[0]?.["reason"]}`, /SQLite/i);
});

test("points of a folder that the client gave to two keys are not mixed up", async () => {
  const { swanlog } = await copyOf("0.6.1", "basic");
  const database = new DatabaseSync(join(swanlog, "runs.swanlab"));
  database.exec("UPDATE tag SET folder = '0' WHERE name = 'acc'");
  database.close();
  const read = await readOnly(swanlog);
  const keys = new Set(ofType(read, "history").map(({ key }) => key));
  assert.deepEqual([...keys], ["1", "epoch", "val/loss", "val/acc"]);
  assert.match(`${ofType(read, "gap")[0]?.["reason"]}`, /^logs\/0: points of 2 keys/);
});

test("a run that died says of what, after its last line", async () => {
  const { swanlog, run } = await copyOf("0.6.1", "basic");
  const database = new DatabaseSync(join(swanlog, "runs.swanlab"));
  database.exec("UPDATE experiment SET status = -1");
  database.close();
  const error = "2026-11-23 08:11:38\nTraceback (most recent call last):\nValueError: no";
  writeTree(run, { "console/error.log": `${error}\n`, "console/notes.log": "no day\n" });
  const read = await readOnly(swanlog);
  const last = ofType(read, "console").at(-1);
  assert.deepEqual([last?.["stream"], last?.["text"]], ["error", error]);
  const { state, error: recorded } = ofType(read, "finish")[0] ?? {};
  assert.deepEqual([state, recorded], ["failed", error]);
});

test("a running experiment has no end", async () => {
  const { swanlog } = await copyOf("0.6.1", "basic");
  const database = new DatabaseSync(join(swanlog, "runs.swanlab"));
  database.exec("UPDATE experiment SET status = 0");
  database.close();
  assert.deepEqual(ofType(await readOnly(swanlog), "finish"), []);
});

for (const [version, log] of [["0.7.20", "backup.swanlab"], ["0.9.7", undefined]] as const) {
  test(`${version}: what the log has lost comes from the local mode's files, once`, async () => {
    const { swanlog, run } = await copyOf(version, "basic-local");
    const whole = ofType(await readOnly(swanlog), "history");
    const path = join(run, log ?? `run-${run.split("-").at(-1)}.swanlab`);
    const size = readFileSync(path).length;
    for (const length of [Math.floor(size / 2), 40]) {
      truncateSync(path, length);
      const read = await readOnly(swanlog);
      const found = ofType(read, "history");
      const texts = (atoms: typeof whole): readonly string[] =>
        atoms.map(({ key, step, value }) => `${key} ${step} ${value}`).sort();
      assert.deepEqual(texts(found), texts(whole));
      assert.notEqual(read.tail, undefined);
      assert.equal(ofType(read, "finish")[0]?.["state"], "finished");
    }
  });

  test(`${version}: an empty log leaves the local mode's files to tell everything`, async () => {
    const { swanlog, run } = await copyOf(version, "basic-local");
    const path = join(run, log ?? `run-${run.split("-").at(-1)}.swanlab`);
    truncateSync(path, 0);
    const read = await readOnly(swanlog);
    assert.equal(ofType(read, "history").length, 43);
    assert.ok(ofType(read, "console").length > 10);
    assert.equal(read.info.name, "basic run 01");
    assert.deepEqual(read.tail, { offset: 0, bytes: 0, reason: "the log is empty" });
  });
}

const lines: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["10%\r20%", "20%"],
  ["long line\rshort", "shortline"],
  ["\rprogress\r", "progress"],
  ["", ""],
];

for (const [written, shown] of lines) {
  test(`the terminal shows ${JSON.stringify(written)} as ${JSON.stringify(shown)}`, () => {
    assert.equal(foldLine(written), shown);
  });
}
