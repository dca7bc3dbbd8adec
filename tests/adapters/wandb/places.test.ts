/** What is recognised as a run, and runs of which only a part is left. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { wandb } from "../../../adapters/sources/wandb/source.ts";
import { SourceError } from "../../../src/errors.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import {
  type FixtureRun,
  fixtureRuns,
  folded,
  ofType,
  onlyOf,
  readRun,
  recognised,
} from "./fixture_runs.ts";
import { historyRecord, logOf, runRecord } from "./made_log.ts";

function fixture(name: string): FixtureRun {
  const run = fixtureRuns.find((candidate) => candidate.name === name);
  assert.ok(run, name);
  return run;
}

const stamp = "20240101_000000";
const log = logOf([runRecord({ id: "made" }), historyRecord([[["x"], "1"]])]);

function make(directory: string, files: { readonly [path: string]: Uint8Array | string }): void {
  for (const [path, content] of Object.entries(files)) {
    const full = join(directory, path);
    mkdirSync(join(full, ".."), { recursive: true });
    writeFileSync(full, content);
  }
}

const places: readonly (readonly [
  name: string,
  files: readonly string[],
  runs: readonly (readonly [path: string, log: string | undefined])[],
])[] = [
  ["offline and online runs, also with a number", [
    `offline-run-${stamp}-a/run-a.wandb`,
    `run-${stamp}-b/run-b.wandb`,
    `run-${stamp}-b-1/run-b.wandb`,
  ], [
    [`offline-run-${stamp}-a`, `offline-run-${stamp}-a/run-a.wandb`],
    [`run-${stamp}-b`, `run-${stamp}-b/run-b.wandb`],
    [`run-${stamp}-b-1`, `run-${stamp}-b-1/run-b.wandb`],
  ]],
  ["a directory of any name with one log", ["my run é/run-x.wandb", "my run é/files/a"], [
    ["my run é", "my run é/run-x.wandb"],
  ]],
  ["several logs in one directory", ["logs/run-x.wandb", "logs/y.wandb"], [
    ["logs/run-x.wandb", "logs/run-x.wandb"],
    ["logs/y.wandb", "logs/y.wandb"],
  ]],
  ["a stray log among runs hides none of them", [
    "wandb/x.wandb",
    `wandb/run-${stamp}-a/run-a.wandb`,
  ], [
    ["wandb/x.wandb", "wandb/x.wandb"],
    [`wandb/run-${stamp}-a`, `wandb/run-${stamp}-a/run-a.wandb`],
  ]],
  [
    "runs without their log",
    [`offline-run-${stamp}-a/files/output.log`, `run-${stamp}-b/files/x`],
    [
      [`offline-run-${stamp}-a`, undefined],
      [`run-${stamp}-b`, undefined],
    ],
  ],
  ["marks of syncing are no logs", [`d/run-a.wandb.synced`, `d/run-a.wandb.syncstate`], []],
  ["hidden copies of macOS are no logs", [`d/._run-a.wandb`], []],
  ["SwanLab's runs", [
    `run-${stamp}-s/run-s.swanlab`,
    `run-${stamp}-s/files/config.yaml`,
    `run-${stamp}-t/files/swanlab-metadata.json`,
  ], []],
  ["other directories", [`runs/files/x`, `offline-run-${stamp}-e/logs/x`, "run-1/files/x"], []],
];

for (const [name, files, runs] of places) {
  test(`recognises ${name}`, async () => {
    await inScratch(async (directory) => {
      make(directory, Object.fromEntries(files.map((path) => [path, log])));
      const found = await recognised(directory);
      assert.deepEqual(
        found.map(({ source, path, log }) => [source, path, log]),
        runs.map(([path, own]) => [
          "wandb",
          join(directory, path),
          own === undefined ? undefined : join(directory, own),
        ]),
      );
    });
  });
}

test("a log that is a directory or a FIFO's name is none", async () => {
  await inScratch(async (directory) => {
    mkdirSync(join(directory, "run-x.wandb"));
    assert.deepEqual(await recognised(directory), []);
  });
});

test("a lone log reads like its run directory, but for the files", async () => {
  const run = fixture("0.31.0/basic");
  await inScratch(async (directory) => {
    const lone = join(directory, "renamed log.wandb");
    cpSync(join(run.path, "run-fxbasic1.wandb"), lone);
    cpSync(lone, join(directory, "other.wandb"));
    const refs = await recognised(directory);
    assert.equal(refs.length, 2);
    await using reader = await wandb.open(refs[1] ?? { source: "", path: "" }, testContext());
    assert.equal(reader.info.id, "fxbasic1");
    assert.equal(reader.info.directory, "renamed log");
    const events = (await Array.fromAsync(reader.events())).flat();
    const whole = (await readRun(run.path)).events;
    for (const type of ["history", "config", "metric", "console", "system", "alert"] as const) {
      const bare = (list: typeof whole): unknown =>
        ofType(list, type).map((event) => ({ ...event, seq: 0 }));
      assert.deepEqual(bare(events), bare(whole), type);
    }
    for (const { file } of ofType(events, "file")) {
      await assert.rejects(reader.file(file), SourceError);
    }
  });
});

test("a Git LFS pointer is named as such, with the size of what it stands for", async () => {
  await inScratch(async (directory) => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n";
    make(directory, { "run-x.wandb": pointer });
    await assert.rejects(readRun(directory), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, /Git LFS pointer to a file of 12345 bytes/);
      assert.match(error.hint ?? "", /git lfs pull/);
      return true;
    });
  });
});

test("a log with a damaged header is read where its records prove themselves", async () => {
  await inScratch(async (directory) => {
    const damaged = Uint8Array.from(log);
    damaged.fill(0xff, 0, 7);
    make(directory, { "run-made.wandb": damaged });
    const { events } = await readRun(directory);
    assert.deepEqual(ofType(events, "history").map(({ values }) => values), [{ x: 1 }]);
    assert.equal(onlyOf(events, "run").writer.format, "leveldb v?");
  });
});

test("a log that may not be read is refused by name", async () => {
  await inScratch(async (directory) => {
    make(directory, { "run-x.wandb": log });
    chmodSync(join(directory, "run-x.wandb"), 0);
    const isRoot = await readRun(directory).then(() => true, (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, /permission denied/);
      return false;
    });
    // Root may read anything; a missing file is refused in the same way.
    if (!isRoot) return;
    rmSync(join(directory, "run-x.wandb"));
    const path = join(directory, "run-x.wandb");
    await assert.rejects(
      wandb.open({ source: "wandb", path, log: path }, testContext()),
      SourceError,
    );
  });
});

test("without its log, what is in files/ is still ferried and the loss is named", async () => {
  const run = fixture("0.17.9-core/basic");
  await inScratch(async (directory) => {
    const copy = join(directory, basename(run.path));
    cpSync(run.path, copy, { recursive: true });
    rmSync(join(copy, "run-fxbasic1.wandb"));
    writeFileSync(join(copy, "files", "output.log"), "hello\nprogress 100%\n");
    writeFileSync(
      join(copy, "files", "wandb-summary.json"),
      '{"best":9007199254740993,"_wandb":{"runtime":1}}',
    );
    const { events } = await readRun(copy);
    const identity = onlyOf(events, "run");
    assert.equal(identity.id, "fxbasic1");
    assert.equal(identity.writer.format, "no log");
    const gap = onlyOf(events, "gap");
    assert.deepEqual([gap.offset, gap.bytes], [0, 0]);
    assert.match(gap.reason, /the log .*is missing/);
    const config = folded(events, "config");
    assert.equal(config["lr"], 0.01);
    assert.deepEqual(config["layers"], [64, 32, 1]);
    assert.ok(!Object.hasOwn(config, "_wandb"));
    assert.deepEqual(onlyOf(events, "summary").set, { best: 9007199254740993n });
    assert.deepEqual(ofType(events, "console").map(({ text, line }) => [line, text]), [
      [1, "hello"],
      [2, "progress 100%"],
    ]);
    const environment = onlyOf(events, "environment");
    assert.equal(environment.metadata?.["program"], "/tmp/w/train.py");
    assert.match(environment.requirements ?? "", /wandb==0\.17\.9/);
    const names = ofType(events, "file").map(({ name }) => name);
    assert.deepEqual(names, ["code/train.py", "notes.txt", "sub/dir/data [1].bin"]);
    assert.deepEqual(ofType(events, "finish"), []);
  });
});

test("what a log says is not replaced by the files beside it", async () => {
  const run = fixture("0.31.0/basic");
  await inScratch(async (directory) => {
    const copy = join(directory, "odd dir 名前 with spaces");
    cpSync(run.path, copy, { recursive: true });
    make(join(copy, "files"), {
      "config.yaml": "lr:\n    value: 99\n",
      "wandb-summary.json": '{"best_acc": 99}',
      "wandb-metadata.json": '{"program": "other"}',
      "output.log": "other\n",
    });
    const strip = (list: readonly { readonly seq: number }[]): unknown =>
      list.map((event) => ({ ...event, seq: 0 }));
    assert.deepEqual(strip((await readRun(copy)).events), strip((await readRun(run.path)).events));
  });
});

test("side files that cannot be understood are told", async () => {
  await inScratch(async (directory) => {
    const run = join(directory, `offline-run-${stamp}-x`);
    make(join(run, "files"), {
      "config.yaml": "a: [1, 2\nb: }",
      "wandb-summary.json": "[1, 2",
      "wandb-metadata.json": "no",
    });
    const { events } = await readRun(run);
    const reasons = ofType(events, "gap").map(({ reason }) => reason);
    for (const name of ["config.yaml", "wandb-summary.json", "wandb-metadata.json"]) {
      assert.ok(reasons.some((reason) => reason.includes(name)), `${name} in ${reasons}`);
    }
  });
});

test("links in files/ are events, but not followed out of the run", async () => {
  await inScratch(async (directory) => {
    const run = join(directory, `offline-run-${stamp}-x`);
    make(directory, { "outside/secret": "secret", [`offline-run-${stamp}-x/files/inner/a`]: "a" });
    symlinkSync(join(directory, "outside/secret"), join(run, "files", "file link"));
    symlinkSync(join(directory, "outside"), join(run, "files", "folder link"));
    symlinkSync("inner", join(run, "files", "inside link"));
    symlinkSync("nowhere", join(run, "files", "dangling"));
    const refs = await recognised(directory);
    await using reader = await wandb.open(refs[0] ?? { source: "", path: "" }, testContext());
    const events = (await Array.fromAsync(reader.events())).flat();
    const files = ofType(events, "file");
    assert.deepEqual(files.map(({ name }) => name).sort(), [
      "dangling",
      "file link",
      "folder link",
      "inner/a",
    ]);
    for (const { name, file } of files) {
      if (name !== "inner/a") await assert.rejects(reader.file(file), SourceError, name);
    }
  });
});
