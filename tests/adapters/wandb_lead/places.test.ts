import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AbsentFileError, SourceError } from "../../../src/errors.ts";
import type { FileRef } from "../../../src/model/file.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { testContext } from "../../contract/context.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { readAll, recognised } from "../../contract/source_subject.ts";
import { eventsOf, fixtureRun, opened, readRun } from "./fixture_runs.ts";
import { exit, field, history, item, log, message, run, whole, writeRun } from "./log_writer.ts";
import { wandb } from "./subject.ts";

const basic = fixtureRun("0.31.0/basic").directory;

/** Every file that events name. */
function filesOf(events: readonly RunEvent[]): readonly FileRef[] {
  return [
    ...eventsOf(events, "media").flatMap(({ items }) => items.map(({ file }) => file)),
    ...eventsOf(events, "artifact").flatMap(({ entries }) => entries.map(({ file }) => file)),
    ...eventsOf(events, "file").map(({ file }) => file),
  ].filter((file) => file !== undefined);
}

const image = (path: string): Uint8Array =>
  history([item("img", JSON.stringify({ _type: "image-file", path }))]);
const saved = (path: string): Uint8Array => field(6, field(1, field(1, path)));
const staged = (path: string): Uint8Array =>
  field(
    8,
    message(
      field(4, "t"),
      field(5, "n"),
      field(12, field(4, message(field(1, "f"), field(6, path)))),
    ),
  );

const paths: readonly string[] = [
  ...["/etc/passwd", "../secret", "../../secret", "media/../../../secret", "C:\\secret", ""],
  ...["..\\..\\secret", ".", "..", "/", "a\0b", "x".repeat(5000), "link", "link/passwd", "outside"],
];

for (const path of paths) {
  for (const [kind, record] of [["media", image], ["saved", saved], ["staged", staged]] as const) {
    test(`paths: ${JSON.stringify(path).slice(0, 30)} of a ${kind} file is named and not opened`, () =>
      inScratch(async (directory) => {
        writeFileSync(join(directory, "secret"), "secret");
        const place = writeRun(directory, [run("made"), record(path), exit]);
        symlinkSync("/etc", join(place, "files", "link"));
        symlinkSync("../../secret", join(place, "files", "outside"));
        await opened(place, async (reader) => {
          const files = filesOf(await readAll(reader));
          assert.ok(files.length > 0 || path === "");
          for (const file of files) {
            await assert.rejects(async () => {
              await new Response(await reader.file(file)).bytes();
            }, SourceError);
          }
        });
      }));
  }
}

test("paths: names from Windows lead to the same files", () =>
  inScratch(async (directory) => {
    const files = { "files/media/images/a.png": "picture", "files/sub/b.txt": "saved" };
    const records = [run("made"), image("media\\images\\a.png"), saved("sub\\b.txt"), exit];
    await opened(writeRun(directory, records, files), async (reader) => {
      const refs = filesOf(await readAll(reader));
      assert.deepEqual(refs.map(({ path }) => path), Object.keys(files));
      for (const ref of refs) {
        const text = await new Response(await reader.file(ref)).text();
        assert.equal(text, files[ref.path as keyof typeof files]);
      }
    });
  }));

test("paths: a pipe beside the log is never waited for, and told", () =>
  inScratch(async (directory) => {
    const place = writeRun(directory, [run("made"), image("media/pipe.png"), exit]);
    mkdirSync(join(place, "files", "media"));
    const generated = ["output.log", "config.yaml", "wandb-summary.json", "wandb-metadata.json"];
    for (const name of [...generated, "requirements.txt", "media/pipe.png", "saved.txt"]) {
      execFileSync("mkfifo", [join(place, "files", name)]);
    }
    await opened(place, async (reader) => {
      const events = await readAll(reader);
      assert.equal(eventsOf(events, "gap").length, 5);
      assert.equal(events.at(-1)?.type, "finish");
      const files = filesOf(events);
      assert.deepEqual(files.map(({ path }) => path), ["files/media/pipe.png", "files/saved.txt"]);
      for (const file of files) {
        await assert.rejects(() => reader.file(file), SourceError);
      }
    });
  }));

test("files beside the log: one too large is told and not held in memory", () =>
  inScratch(async (directory) => {
    const place = writeRun(directory, [run("made"), exit], { "files/wandb-metadata.json": "{}" });
    truncateSync(join(place, "files", "wandb-metadata.json"), 20 * 1024 * 1024);
    const { events } = await readRun(place);
    const [gap, ...more] = eventsOf(events, "gap");
    assert.match(gap?.reason ?? "", /^files\/wandb-metadata\.json is longer than \d+ bytes$/);
    assert.deepEqual(more, []);
  }));

test("files beside the log tell what the log does not", () =>
  inScratch(async (directory) => {
    const { events } = await readRun(writeRun(directory, [run("made"), exit], {
      "files/config.yaml":
        "lr:\n    value: 0.5\n_wandb:\n    value: {}\nold:\n    desc: null\n    value: [1]\n",
      "files/wandb-summary.json": '{"best": NaN, "__proto__": 1, "_step": 3, "_wandb": {}}',
      "files/wandb-metadata.json": '{"os": "Linux", "cpu_count": 2}',
      "files/requirements.txt": "numpy==1.0\n",
      "files/conda-environment.yaml": "name: x\n",
      "files/output.log": "one\ntwo",
    }));
    assert.deepEqual(eventsOf(events, "config").map(({ set }) => set), [{ lr: 0.5, old: [1] }]);
    const [summary] = eventsOf(events, "summary");
    assert.deepEqual(Object.entries(summary?.set ?? {}), [["best", NaN], ["__proto__", 1]]);
    assert.deepEqual(eventsOf(events, "environment").map(({ seq: _, type: __, ...rest }) => rest), [
      { metadata: { os: "Linux", cpu_count: 2 } },
      { requirements: "numpy==1.0\n", conda: "name: x\n" },
    ]);
    assert.deepEqual(eventsOf(events, "console").map(({ text }) => text), ["one", "two"]);
    assert.deepEqual(eventsOf(events, "file"), []);
    assert.deepEqual(eventsOf(events, "gap"), []);
  }));

test("saved files: patterns and escaped names of files that are there name nothing twice", () =>
  inScratch(async (directory) => {
    const records = ["a[[]1].txt", "*.csv", "sub/*", "missing.txt", "gone/*.txt"].map(saved);
    const { events } = await readRun(writeRun(directory, [run("made"), ...records, exit], {
      "files/a[1].txt": "1",
      "files/x.csv": "2",
      "files/sub/y.log": "3",
      "files/diff.patch": "4",
    }));
    const files = eventsOf(events, "file").map((
      { name, purpose, file },
    ) => [name, purpose, file.bytes]);
    assert.deepEqual(files, [
      ["a[1].txt", "saved", 1],
      ["diff.patch", "code", 1],
      ["sub/y.log", "log", 1],
      ["x.csv", "saved", 1],
      ["missing.txt", "saved", undefined],
      ["gone/*.txt", "saved", undefined],
    ]);
  }));

test("places: a run directory without its log is a run with a gap", () =>
  inScratch(async (directory) => {
    const place = writeRun(directory, undefined, { "files/wandb-summary.json": '{"a": 1}' });
    const { events, info } = await readRun(place);
    assert.equal(info.id, "made");
    assert.equal(info.writer.format, "no log");
    assert.deepEqual(events.map(({ type }) => type), ["run", "gap", "summary"]);
  }));

test("places: a Git LFS pointer is refused with what to do about it", () =>
  inScratch(async (directory) => {
    const place = writeRun(directory, []);
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n";
    writeFileSync(join(place, "run-made.wandb"), pointer);
    await assert.rejects(() => readRun(place), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, /Git LFS pointer to a log of 12345 bytes/);
      assert.match(error.hint ?? "", /git lfs pull/);
      return true;
    });
  }));

const names: readonly string[] = [
  "offline-run-20240101_000000-with space",
  "offline-run-20240101_000000-\u4e2d\u6587 \u{1F680}",
  "offline-run-20240101_000000-a-b_c.d-2",
  "run-20240101_000000-x'y\"z",
  "renamed by hand",
];

for (const name of names) {
  test(`places: a directory called ${name} is a run`, () =>
    inScratch(async (directory) => {
      const place = join(directory, "wandb", name);
      mkdirSync(join(directory, "wandb"));
      renameSync(copyInto(directory, basic), place);
      const { events, info } = await readRun(directory);
      assert.deepEqual([info.path, info.directory, info.id], [place, name, "fxbasic1"]);
      assert.equal(eventsOf(events, "history").length, 5);
      assert.equal(eventsOf(events, "file").length, 3);
    }));
}

test("places: a lone log is a run, without the files beside it", () =>
  inScratch(async (directory) => {
    const path = join(directory, "run-made.wandb");
    writeFileSync(path, log([run("made"), image("media/x.png"), exit]));
    writeFileSync(join(directory, "secret"), "secret");
    await opened(path, async (reader) => {
      assert.deepEqual([reader.info.path, reader.info.directory], [path, "run-made"]);
      await assert.rejects(() => reader.file({ path: "secret" }), AbsentFileError);
      assert.deepEqual((await readAll(reader)).map(({ type }) => type), [
        ...["run", "history", "media", "finish"],
      ]);
    });
  }));

test("places: several logs in one folder are as many runs", () =>
  inScratch(async (directory) => {
    for (const name of ["run-a.wandb", "run-b.wandb"]) {
      writeFileSync(join(directory, name), log([run(name), exit]));
    }
    writeFileSync(join(directory, "run-a.wandb.synced"), "");
    const refs = await recognised(wandb, directory);
    assert.deepEqual(refs.map(({ path }) => path), [
      join(directory, "run-a.wandb"),
      join(directory, "run-b.wandb"),
    ]);
  }));

test("places: marks, settings and other trackers' folders are no runs", () =>
  inScratch(async (directory) => {
    for (const name of ["x.wandb.synced", "x.wandb.syncstate", ".wandb", "settings"]) {
      writeFileSync(join(directory, name), "");
    }
    const other = join(directory, "swanlog", "run-20240101_000000-abc", "files");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "..", "backup.swanlab"), "");
    assert.deepEqual(await recognised(wandb, directory), []);
  }));

/** An artifact's file whose content has the MD5 digest of "hello". */
const hello = field(
  8,
  message(
    field(4, "dataset"),
    field(5, "data"),
    field(
      12,
      field(
        4,
        message(
          field(1, "hello.txt"),
          field(2, "XUFAKrxLKna5cZ2REBfFkg=="),
          whole(4, 5),
          field(6, "/gone/artifacts/staging/tmp123"),
        ),
      ),
    ),
  ),
);

const caches: readonly (readonly [string, string, { readonly [name: string]: string }])[] = [
  ["by its name in staging", "data/artifacts/staging/tmp123", { WANDB_DATA_DIR: "data" }],
  ["by its name in the home", "home/.local/share/wandb/artifacts/staging/tmp123", {}],
  ["by its digest in the cache", "c/artifacts/obj/md5/5d/41402abc4b2a76b9719d911017c592", {
    WANDB_CACHE_DIR: "c",
  }],
  [
    "by its digest in the home",
    "home/.cache/wandb/artifacts/obj/md5/5d/41402abc4b2a76b9719d911017c592",
    {},
  ],
];

for (const [title, where, environment] of caches) {
  test(`artifacts: content that is gone from its place is found ${title}`, () =>
    inScratch(async (directory) => {
      const place = writeRun(directory, [run("made"), hello, exit]);
      mkdirSync(join(directory, where, ".."), { recursive: true });
      writeFileSync(join(directory, where), "hello");
      const context = testContext({
        followOutside: true,
        home: join(directory, "home"),
        environment: Object.fromEntries(
          Object.entries(environment).map(([name, path]) => [name, join(directory, path)]),
        ),
      });
      await opened(place, async (reader) => {
        const [file] = filesOf(await readAll(reader)) as [FileRef];
        assert.equal(await new Response(await reader.file(file)).text(), "hello");
      }, context);
    }));
}

test("artifacts: content that is nowhere is missing", () =>
  inScratch(async (directory) => {
    const place = writeRun(directory, [run("made"), hello, exit]);
    const context = testContext({ followOutside: true, home: join(directory, "home") });
    await opened(place, async (reader) => {
      const [file] = filesOf(await readAll(reader)) as [FileRef];
      await assert.rejects(() => reader.file(file), AbsentFileError);
    }, context);
  }));
