import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { swanlab } from "../../../adapters/sources/swanlab/source.ts";
import { SourceError } from "../../../src/errors.ts";
import { context, readOnly, readRun, runsBelow } from "./fixture_runs.ts";
import { logBytes, scalar, start, writeTree } from "./made_logs.ts";
import { scratchDirectories } from "./scratch_directory.ts";

const newDirectory = scratchDirectories();
const log = logBytes(2, [start, scalar(1, "a", 0, 1)]);
const run = "run-20260101_000000-id1";

interface Layout {
  readonly title: string;
  readonly files: { readonly [path: string]: string | Uint8Array };
  /** Paths of the runs, and of their logs where they have one. */
  readonly runs: readonly (readonly [string, string?])[];
}

const layouts: readonly Layout[] = [
  {
    title: "a run directory with either log",
    files: { [`${run}/run-id1.swanlab`]: log, "run-20260102_000000-b/backup.swanlab": log },
    runs: [[run, `${run}/run-id1.swanlab`], [
      "run-20260102_000000-b",
      "run-20260102_000000-b/backup.swanlab",
    ]],
  },
  {
    title: "a protobuf run directory of any name",
    files: { "my experiment ✓/run-x.swanlab": log, "my experiment ✓/files/config.yaml": "" },
    runs: [["my experiment ✓", "my experiment ✓/run-x.swanlab"]],
  },
  {
    title: "logs that were put into one folder",
    files: { "run-a.swanlab": log, "run-b.swanlab": log, "readme.txt": "" },
    runs: [["run-a.swanlab", "run-a.swanlab"], ["run-b.swanlab", "run-b.swanlab"]],
  },
  {
    title: "one log in a folder of other things",
    files: { "downloads/run-a.swanlab": log, "downloads/photo.png": "" },
    runs: [["downloads/run-a.swanlab", "downloads/run-a.swanlab"]],
  },
  {
    title: "a local run, with and without the database",
    files: {
      "runs.swanlab": "SQLite format 3\0",
      [`${run}/logs/0/1000.log`]: "",
      "elsewhere/run-x/logs/val%2Facc/2000.json": "{}",
    },
    runs: [["elsewhere/run-x"], [run]],
  },
  {
    title: "a run directory whose log is gone",
    files: { [`${run}/files/swanlab-metadata.json`]: "{}" },
    runs: [[run]],
  },
  {
    title: "what is none of ours",
    files: {
      "runs.swanlab": "SQLite format 3\0",
      "logs/0/1000.log": "",
      "run-20230101_000000-abc/run-abc.wandb": "",
      "run-20230101_000000-abc/logs/0/1000.log": "",
      "run-20230101_000000-abc/files/config.yaml": "",
      "run-empty/logs/notes.txt": "",
      "run-other/files/wandb-metadata.json": "{}",
      "settings": "[default]",
    },
    runs: [],
  },
];

for (const { title, files, runs } of layouts) {
  test(`${title}: ${runs.length} runs`, async () => {
    const directory = newDirectory();
    writeTree(directory, files);
    const found = await runsBelow(directory);
    assert.deepEqual(
      found,
      runs.map(([path, log]) => ({
        source: "swanlab",
        path: join(directory, path),
        ...(log === undefined ? {} : { log: join(directory, log) }),
      })),
    );
  });
}

test("a log given by its path stands for its run directory, and alone for itself", async () => {
  const directory = newDirectory();
  writeTree(directory, {
    [`${run}/run-id1.swanlab`]: log,
    [`${run}/files/requirements.txt`]: "numpy\n",
    "copy of a log.swanlab": log,
    "foreign.swanlab": "something else",
    "runs.swanlab": "SQLite format 3\0",
  });
  const at = (path: string): Promise<readonly unknown[]> => runsBelow(join(directory, path));
  const inside = join(directory, run, "run-id1.swanlab");
  assert.deepEqual(await at(`${run}/run-id1.swanlab`), [
    { source: "swanlab", path: join(directory, run), log: inside },
  ]);
  const lone = join(directory, "copy of a log.swanlab");
  assert.deepEqual(await at("copy of a log.swanlab"), [
    { source: "swanlab", path: lone, log: lone },
  ]);
  assert.deepEqual(await at("foreign.swanlab"), []);
  assert.deepEqual(await at("runs.swanlab"), []);
  const read = await readOnly(lone);
  assert.equal(read.info.directory, "copy of a log");
  assert.deepEqual(read.events.map(({ type }) => type), ["run", "history"]);
});

test("a run directory whose log is gone gives what is there, and names the loss", async () => {
  const directory = join(newDirectory(), run);
  writeTree(directory, {
    "files/swanlab-metadata.json": '{"swanlab": {"version": "0.9.7"}}',
    "files/config.yaml": "lr:\n  desc: ''\n  sort: 0\n  value: 0.1\n",
    "files/own.txt": "x",
  });
  const { events, info } = await readOnly(directory);
  assert.deepEqual(events.map(({ type }) => type), ["run", "config", "environment", "gap", "file"]);
  const gap = events.find((event) => event.type === "gap");
  assert.deepEqual([gap?.offset, gap?.bytes, gap?.reason], [0, 0, "the log is missing"]);
  assert.deepEqual(info.writer, { tracker: "swanlab", version: "0.9.7", format: "no log" });
});

const refused: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  [
    "a Git LFS pointer",
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    /Git LFS pointer/,
  ],
  ["a version not known yet", logBytes(9, [start]), /format version is 9/],
  ["another program's file", "hello, this is no log at all".repeat(10), /is not a SwanLab log/],
];

for (const [title, content, message] of refused) {
  test(`${title} is refused, and told why`, async () => {
    const directory = newDirectory();
    writeTree(directory, { [`${run}/run-id1.swanlab`]: content });
    const [ref] = await runsBelow(directory);
    assert.ok(ref);
    await assert.rejects(swanlab.open(ref, context()), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, message);
      assert.match(error.hint ?? "", /^[A-Z].*\.$/);
      return true;
    });
  });
}

test("a log that vanishes while it is open is an error of the source", async () => {
  const directory = join(newDirectory(), run);
  writeTree(directory, { "run-id1.swanlab": log });
  const { ref, reader } = await readOnly(directory);
  rmSync(join(directory, "run-id1.swanlab"));
  await assert.rejects(async () => {
    for await (const _ of reader.events());
  }, SourceError);
  await assert.rejects(readRun(ref), SourceError);
});

test("a log that grows is read as far as it goes, each time", async () => {
  const directory = join(newDirectory(), run);
  writeTree(directory, { "run-id1.swanlab": log });
  const { reader, events } = await readOnly(directory);
  const more = logBytes(2, [scalar(2, "a", 1, 2)]).subarray(7);
  writeFileSync(join(directory, "run-id1.swanlab"), Buffer.concat([log, more]));
  const again = [];
  for await (const piece of reader.events()) again.push(...piece);
  assert.deepEqual(again.slice(0, -1), events);
  assert.equal(again.at(-1)?.type, "history");
  truncateSync(join(directory, "run-id1.swanlab"), log.length + 3);
  for await (const _ of reader.events());
  assert.deepEqual(reader.tail, {
    offset: log.length,
    bytes: 3,
    reason: "the last record is cut short",
  });
});

test("side files of any shape do not keep the log from being read", async () => {
  const directory = join(newDirectory(), run);
  writeTree(directory, {
    "run-id1.swanlab": log,
    "files/swanlab-metadata.json": "[1, 2",
    "files/config.yaml": "- just\n- a list\n",
    "secret": "outside of files",
  });
  mkdirSync(join(directory, "files/requirements.txt"));
  symlinkSync("/etc/hostname", join(directory, "files/conda.yaml"));
  const { events, info } = await readOnly(directory);
  assert.equal(info.writer.version, undefined);
  const types = events.map(({ type }) => type);
  assert.deepEqual(types, ["run", "unknown", "gap", "gap", "gap", "history", "file"]);
  const reasons = events.flatMap((event) => event.type === "gap" ? [event.reason] : []);
  assert.match(reasons[0] ?? "", /requirements\.txt: it is not a plain file/);
  assert.match(reasons[1] ?? "", /conda\.yaml: it is outside the run directory/);
  assert.match(reasons[2] ?? "", /swanlab-metadata\.json is not a JSON object/);
});

test("a run is the same wherever its directory is moved to", async () => {
  const parent = newDirectory();
  writeTree(join(parent, run), { "run-id1.swanlab": log });
  const before = await readOnly(parent);
  const stamp = await before.reader.stamp();
  const far = join(parent, "some where/ü".repeat(3));
  mkdirSync(far, { recursive: true });
  renameSync(join(parent, run), join(far, run));
  const after = await readOnly(parent);
  assert.deepEqual(after.events, before.events);
  assert.equal(await after.reader.stamp(), stamp);
});

test("a side file that is too long is a gap, and the rest is read", async () => {
  const directory = join(newDirectory(), run);
  writeTree(directory, {
    "run-id1.swanlab": log,
    "files/config.yaml": "#".repeat(600 * 1024),
    "files/requirements.txt": "numpy\n".repeat(100_000),
  });
  const { events } = await readOnly(directory);
  assert.deepEqual(
    events.map((event) => event.type === "gap" ? event.reason : event.type),
    ["run", "files/config.yaml is longer than 524288 bytes", "environment", "history"],
  );
});
