import assert from "node:assert/strict";
import { mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { archive as source } from "../../../adapters/sources/archive/source.ts";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { SourceError } from "../../../src/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { verifyTar } from "../../../src/archive/verify.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { places } from "../../contract/source_subject.ts";
import { contentOf, eventsOf, ferryWhole, openTar } from "./ferry.ts";
import { numbered, runOf, sampleEvents, writeRunDirectory } from "./sample_run.ts";

/** Archives the sample run and returns the path of the tar. */
async function sampleTar(scratch: string, events: readonly RunEvent[]): Promise<string> {
  await ferryWhole(runOf(writeRunDirectory(scratch), { events }), join(scratch, "a"));
  return join(scratch, "a/project/run-1.tar");
}

/** Console lines for several chunks. */
function manyEvents(count: number): readonly RunEvent[] {
  return numbered([...Array(count).keys()].map((line) => ({
    type: "console",
    stream: "stdout",
    text: `line ${line}`,
    line: line + 1,
  })));
}

/** Changes one byte of a file, counted from the last place of a text. */
function spoil(path: string, text: string, offset = 0): void {
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf(text) + offset;
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

test("archives are recognised by their first bytes, in folders and alone", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch, sampleEvents());
    mkdirSync(join(scratch, "other"));
    writeFileSync(join(scratch, "other/foreign.tar"), new Uint8Array(10_240));
    writeFileSync(join(scratch, "other/empty.tar"), "");
    writeFileSync(join(scratch, "other/archive.zip"), readFileSync(tar));
    const found = await Promise.all((await places(scratch)).map(async (place) => ({
      place: place.path,
      refs: await source.recognise(place, testContext()),
    })));
    assert.deepEqual(found.filter(({ refs }) => refs.length > 0), [{
      place: join(scratch, "a/project"),
      refs: [{ source: "archive", path: tar }],
    }]);
    const [alone] = await places(tar);
    assert.ok(alone !== undefined);
    const refs = await source.recognise(alone, testContext());
    assert.deepEqual(refs, [{ source: "archive", path: tar }]);
  }));

test("an archive of an archive has the same events, files and digest", () =>
  inScratch(async (scratch) => {
    const first = await sampleTar(scratch, sampleEvents());
    await using run = await openTar(first);
    assert.equal(run.info.source, "archive");
    assert.equal(run.info.directory, "run-1");
    await ferryWhole(run, join(scratch, "b"));
    const second = join(scratch, "b/project/run-1.tar");
    await using copy = await openTar(second);
    assert.deepEqual(await eventsOf(copy), sampleEvents());
    assert.deepEqual(await Array.fromAsync(copy.entries()), await Array.fromAsync(run.entries()));
    const [one, two] = [await verifyTar(first), await verifyTar(second)];
    assert.deepEqual(two.differences, []);
    assert.deepEqual(two.tally, one.tally);
  }));

test("an archive synced into itself is recognised", () =>
  inScratch(async (scratch) => {
    await using run = await openTar(await sampleTar(scratch, sampleEvents()));
    const outcome = await ferryWhole(run, join(scratch, "a"));
    assert.equal(outcome.sent, 0);
    assert.equal(outcome.remote?.id, "project/run-1.tar");
  }));

test("without its source directory, an archive of an archive still has the files", () =>
  inScratch(async (scratch) => {
    const run = runOf(writeRunDirectory(scratch));
    await ferryWhole(run, archive(join(scratch, "a"), { keepSource: false }));
    await using bare = await openTar(join(scratch, "a/project/run-1.tar"));
    await ferryWhole(bare, join(scratch, "b"));
    await using copy = await openTar(join(scratch, "b/project/run-1.tar"));
    assert.equal(await contentOf(copy, "files/note.txt"), "a note\n");
  }));

test("a damaged chunk becomes a gap, and the events behind it move up", () =>
  inScratch(async (scratch) => {
    const events = manyEvents(10_000);
    const tar = await sampleTar(scratch, events);
    spoil(tar, "events/00001", 512 + 100);
    await using run = await openTar(tar);
    const read = await eventsOf(run);
    assert.deepEqual(read.map(({ seq }) => seq), [...read.keys()]);
    const gap = read[4096];
    assert.ok(gap?.type === "gap");
    assert.match(gap.reason, /^events\/00001\.msgpack\.zst: its SHA-256 is not/);
    assert.ok(gap.bytes > 0 && gap.offset > 0);
    assert.deepEqual(read.slice(0, 4096), events.slice(0, 4096));
    const behind = events.slice(2 * 4096).map((event, at) => ({ ...event, seq: 4097 + at }));
    assert.deepEqual(read.slice(4097), behind);
  }));

test("where the identity is damaged, the manifest tells it", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch, sampleEvents());
    spoil(tar, "events/00000", 512 + 20);
    await using run = await openTar(tar);
    const [first, second] = await eventsOf(run);
    assert.ok(first?.type === "run" && first.id === run.info.id);
    assert.equal(second?.type, "gap");
  }));

test("a tar that is cut short gives what is in front of the cut", () =>
  inScratch(async (scratch) => {
    const events = manyEvents(10_000);
    const tar = await sampleTar(scratch, events);
    truncateSync(tar, readFileSync(tar).lastIndexOf("events/00002") + 600);
    await using run = await openTar(tar);
    const read = await eventsOf(run);
    assert.deepEqual(read.slice(0, -1), events.slice(0, 2 * 4096));
    assert.equal(read.at(-1)?.type, "gap");
    await assert.rejects(contentOf(run, "log"), /: it is cut short$/);
  }));

test("a damaged file fails when it is read, and says which", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch, sampleEvents());
    spoil(tar, "the log\nthe log");
    await using run = await openTar(tar);
    await assert.rejects(contentOf(run, "log"), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, /^Cannot read source\/log in .*: its SHA-256 is not/);
      return true;
    });
    assert.equal(await contentOf(run, "files/note.txt"), "a note\n");
  }));

const refused: readonly (readonly [string, (tar: string) => void, RegExp])[] = [
  ["has a damaged manifest", (tar) => spoil(tar, '"stamp"'), /manifest\.json in .*: its SHA-256/],
  ["is of a version to come", (tar) => {
    const text = readFileSync(tar, "latin1").replace("archive 1 sha", "archive 9 sha");
    writeFileSync(tar, text, "latin1");
  }, /archive of version 9/],
  ["is something else", (tar) => writeFileSync(tar, new Uint8Array(10_240)), /not a runferry/],
  ["is empty", (tar) => writeFileSync(tar, ""), /not a runferry/],
  ["ends within the manifest", (tar) => truncateSync(tar, 2000), /manifest\.json/],
];

for (const [what, change, message] of refused) {
  test(`a tar that ${what} is refused`, () =>
    inScratch(async (scratch) => {
      const tar = await sampleTar(scratch, sampleEvents());
      change(tar);
      await assert.rejects(openTar(tar), (error) => {
        assert.ok(error instanceof SourceError);
        assert.match(error.message, message);
        assert.match(error.hint ?? "", /^[A-Z].+\.$/);
        return true;
      });
    }));
}

test("the stamp changes with the tar", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch, sampleEvents());
    await using run = await openTar(tar);
    const stamp = await run.stamp();
    assert.equal(await run.stamp(), stamp);
    utimesSync(tar, 1, 1);
    assert.notEqual(await run.stamp(), stamp);
  }));
