import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { SourceError } from "../../../src/errors.ts";
import { runDirectory } from "../../../src/files/run_directory.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { inScratch } from "../../contract/scratch.ts";
import { contentOf, eventsOf, ferry, ferryWhole, openTar } from "./ferry.ts";
import { numbered, runOf, sampleEvents, writeRunDirectory } from "./sample_run.ts";

/** A saved file for each path. */
function saving(...paths: readonly string[]): readonly RunEvent[] {
  return numbered(paths.map((path) => ({
    type: "file",
    name: path,
    file: { path },
    purpose: "saved",
  })));
}

test("a file that is missing is counted once and the run arrives all the same", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    rmSync(join(directory, "files/picture.png"));
    const outcome = await ferry(runOf(directory), join(scratch, "a"));
    assert.deepEqual(outcome.losses, [{
      kind: "unsupported",
      reason: "file not read: it is missing",
      count: 1,
      example: "files/picture.png",
    }]);
    assert.equal(outcome.status, "done");
    assert.equal(outcome.assurance, "exact");
    await using back = await openTar(join(scratch, "a/project/run-1.tar"));
    assert.deepEqual(await eventsOf(back), sampleEvents());
  }));

test("a file that cannot be read to its end is lost and leaves nothing in the tar", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const files = runDirectory(directory, { followOutside: false });
    const failing = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(3 << 20)),
        pull: () => Promise.reject(new SourceError("Cannot read log: input/output error")),
      });
    const file: typeof files.file = (ref) =>
      ref.path === "log" ? Promise.resolve(failing()) : files.file(ref);
    const outcome = await ferry(runOf(directory, { files: { file } }), join(scratch, "a"));
    assert.deepEqual(outcome.losses.map(({ reason, example }) => [reason, example]), [
      ["file not read: input/output error", "log"],
    ]);
    assert.equal(outcome.assurance, "exact");
    await using back = await openTar(join(scratch, "a/project/run-1.tar"));
    assert.equal(await contentOf(back, "files/note.txt"), "a note\n");
    await assert.rejects(back.file({ path: "log" }), /does not hold it/);
  }));

test("a file that several events name is stored once, or lost with each of them", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const events = saving("log", "log", "gone", "gone", "gone");
    const { losses } = await ferry(runOf(directory, { events }), join(scratch, "a"));
    assert.deepEqual(losses.map(({ count, example }) => [count, example]), [[3, "gone"]]);
  }));

test("files outside the run directory are lost unless the user allows them", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    writeFileSync(join(scratch, "outside.txt"), "outside");
    const absolute = join(scratch, "outside.txt");
    const events = saving(absolute, "../outside.txt", "./log", "files//note.txt");
    const refused = await ferry(runOf(directory, { events }), join(scratch, "a"));
    assert.deepEqual(refused.losses.map(({ reason, count }) => [reason, count]), [
      ["file not read: it is outside the run directory", 2],
    ]);
    await ferryWhole(runOf(directory, { events, followOutside: true }), join(scratch, "b"));
    await using back = await openTar(join(scratch, "b/project/run-1.tar"));
    assert.equal(await contentOf(back, absolute), "outside");
    assert.equal(await contentOf(back, "../outside.txt"), "outside");
    assert.equal(await contentOf(back, "./log"), "the log\n".repeat(100));
    await ferryWhole(back, join(scratch, "c"));
    await using copy = await openTar(join(scratch, "c/project/run-1.tar"));
    assert.equal(await contentOf(copy, absolute), "outside");
  }));

test("what is neither file nor directory nor link is named", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    execFileSync("mkfifo", [join(directory, "pipe")]);
    const { losses, status } = await ferry(runOf(directory), join(scratch, "a"));
    assert.deepEqual(losses, [{
      kind: "unsupported",
      reason: "neither a file nor a directory nor a link",
      count: 1,
      example: "pipe",
    }]);
    assert.equal(status, "done");
  }));

for (const [what, change] of [["grows", "more"], ["shrinks", ""]] as const) {
  test(`a file that ${what} while it is archived is kept as read and named`, () =>
    inScratch(async (scratch) => {
      const directory = writeRunDirectory(scratch);
      const files = runDirectory(directory, { followOutside: false });
      const file: typeof files.file = (ref) => {
        if (ref.path === "log" && change !== "") appendFileSync(join(directory, "log"), change);
        if (ref.path === "log" && change === "") writeFileSync(join(directory, "log"), "x");
        return files.file(ref);
      };
      const run = runOf(directory, { files: { file } });
      const outcome = await ferry(run, join(scratch, "a"));
      assert.deepEqual(outcome.losses, [{
        kind: "truncated",
        reason: "changed while it was read",
        count: 1,
        example: "log",
      }]);
      assert.equal(outcome.assurance, "exact");
    }));
}

test("a file that changes after it was read for its event is named", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const files = runDirectory(directory, { followOutside: false });
    const file: typeof files.file = (ref) => {
      if (ref.path === "log") writeFileSync(join(directory, "files/note.txt"), "changed");
      return files.file(ref);
    };
    const events = saving("files/note.txt", "log");
    const run = runOf(directory, { events, files: { file } });
    const { losses } = await ferry(run, join(scratch, "a"));
    assert.deepEqual(losses.map(({ example, reason }) => [example, reason]), [
      ["files/note.txt", "changed while it was read"],
    ]);
  }));

test("paths that lead out of the tar are refused, whoever lists them", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const entry = { kind: "file", bytes: 8, modified: 0, mode: 0o644 } as const;
    const paths = ["../evil", "/evil", "a/../../evil", "a//b", "nul\0", "\ud800"];
    const run = runOf(directory, {
      events: sampleEvents(1).filter(({ type }) => type === "history"),
      files: {
        async *entries(): AsyncGenerator<SourceEntry> {
          for (const path of paths) yield await { ...entry, path };
        },
        file: () => Promise.resolve(new Blob(["evil...."]).stream()),
      },
    });
    const { losses } = await ferry(run, join(scratch, "a"));
    assert.deepEqual(losses.map(({ reason, count }) => [reason, count]), [
      ["file not read: the path is not plain", paths.length],
    ]);
    const names = execFileSync("tar", ["tf", join(scratch, "a/project/run-1.tar")]).toString();
    assert.doesNotMatch(names, /evil/);
  }));

test("a part of the directory that cannot be listed is named", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const bad = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(bad, "name that is not UTF-8");
    const outcomes = [
      await ferry(runOf(directory), join(scratch, "a")),
      await ferry(runOf(directory), join(scratch, "a")),
    ];
    rmSync(bad);
    for (const { losses, assurance } of outcomes) {
      assert.deepEqual(losses.map(({ kind, reason }) => [kind, reason]), [
        ["rejected", "file not read: its name is not valid UTF-8"],
      ], "it is named each time, not skipped");
      assert.equal(assurance, "exact");
    }
    assert.equal(outcomes[1]?.sent, 0);
  }));

test("a run without events and without files is an archive too", () =>
  inScratch(async (scratch) => {
    mkdirSync(join(scratch, "empty"));
    await ferryWhole(runOf(join(scratch, "empty"), { events: saving() }), archive(scratch));
    await using back = await openTar(join(scratch, "project/empty.tar"));
    assert.deepEqual(await eventsOf(back), []);
  }));
