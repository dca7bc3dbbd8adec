import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { verifyRun } from "../../../src/sync/verify.ts";
import { verifyArchive } from "../../../src/archive/verify.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { silentProgress } from "../../silent_progress.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { contentOf, eventsOf, ferry, ferryWhole, filesBelow, openTar } from "./ferry.ts";
import { numbered, runOf, sampleEvents, writeRunDirectory } from "./sample_run.ts";

/** The tars below a folder. */
function tars(folder: string): readonly string[] {
  return [...filesBelow(folder).keys()];
}

test("a run becomes one tar that gives back its events and its directory", () =>
  inScratch(async (scratch) => {
    const run = runOf(writeRunDirectory(scratch));
    const outcome = await ferryWhole(run, join(scratch, "a"));
    assert.equal(outcome.status, "done");
    assert.equal(outcome.remote?.id, "project/run-1.tar");
    assert.deepEqual(tars(join(scratch, "a")), ["project/run-1.tar"]);
    await using back = await openTar(join(scratch, "a/project/run-1.tar"));
    assert.deepEqual(await eventsOf(back), sampleEvents());
    assert.deepEqual(
      await Array.fromAsync(back.entries()),
      await Array.fromAsync(run.entries()),
    );
    assert.equal(await contentOf(back, "log"), "the log\n".repeat(100));
    assert.equal(await contentOf(back, "files/picture.png"), "\x07".repeat(70_000));
  }));

test("an unchanged run is recognised by its stamp and not written again", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    const before = filesBelow(join(scratch, "a"));
    const outcome = await ferry(runOf(directory), join(scratch, "a"));
    assert.equal(outcome.status, "skipped");
    assert.deepEqual(filesBelow(join(scratch, "a")), before);
  }));

test("a copy of the run with other times is recognised by its content", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    const before = filesBelow(join(scratch, "a"));
    utimesSync(join(directory, "log"), 1, 1);
    const outcome = await ferryWhole(runOf(directory), join(scratch, "a"));
    assert.equal(outcome.present, sampleEvents().length);
    assert.equal(outcome.sent, 0);
    assert.deepEqual(filesBelow(join(scratch, "a")), before);
  }));

test("a damaged tar is replaced when the same content comes again", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    const tar = join(scratch, "a/project/run-1.tar");
    const content = filesBelow(join(scratch, "a")).get("project/run-1.tar") ?? "";
    writeFileSync(tar, content.replace("the log", "the l0g"), "latin1");
    utimesSync(join(directory, "log"), 1, 1);
    assert.equal((await ferryWhole(runOf(directory), join(scratch, "a"))).present, 0);
    assert.equal((await Array.fromAsync(verifyArchive(tar)))[0]?.differences.length, 0);
  }));

test("a grown run takes the place of what another process put there meanwhile", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const archiveRoot = join(scratch, "archive");
    const early = archive(archiveRoot);
    // Its folder is listed now, and the run is not in it.
    const other = { directory: "another", id: "another" };
    await ferryWhole(runOf(directory, { info: other }), early);
    await ferryWhole(runOf(directory), archiveRoot);
    appendFileSync(join(directory, "files", "note.txt"), "more");
    await ferryWhole(runOf(directory), early);
    assert.equal(filesBelow(archiveRoot).size, 2);
  }));

test("a grown run takes the place of its younger self", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    appendFileSync(join(directory, "log"), "more\n");
    const events = sampleEvents(25);
    await ferryWhole(runOf(directory, { events }), join(scratch, "a"));
    assert.deepEqual(tars(join(scratch, "a")), ["project/run-1.tar"]);
    await using back = await openTar(join(scratch, "a/project/run-1.tar"));
    assert.deepEqual(await eventsOf(back), events);
  }));

/** What does not contain the run that was archived first, and why. */
const notGrown = new Map<string, (directory: string) => readonly RunEvent[]>([
  ["has fewer points", () => sampleEvents(19)],
  [
    "has another value",
    () =>
      sampleEvents().map((event) =>
        event.type === "history" && event.step === 3 ? { ...event, values: { loss: 9 } } : event
      ),
  ],
  [
    "has another console line",
    () =>
      sampleEvents(21).map((event) =>
        event.type === "console" && event.line === 3 ? { ...event, text: "other" } : event
      ),
  ],
  [
    "lost an event that is no point",
    () => numbered(sampleEvents(30).filter(({ type }) => type !== "config")),
  ],
  ["has other media", (directory) => {
    writeFileSync(join(directory, "files/picture.png"), "other");
    return sampleEvents(21);
  }],
  ["lost a file", (directory) => {
    rmSync(join(directory, "log"));
    return sampleEvents(21);
  }],
  ["lost an empty directory", (directory) => {
    rmSync(join(directory, "files/empty"), { recursive: true });
    return sampleEvents(21);
  }],
]);

for (const [what, change] of notGrown) {
  test(`a run that ${what} does not replace the old one; both stay whole`, () =>
    inScratch(async (scratch) => {
      const directory = writeRunDirectory(scratch);
      await ferryWhole(runOf(directory), join(scratch, "a"));
      const before = filesBelow(join(scratch, "a")).get("project/run-1.tar");
      const events = change(directory);
      utimesSync(join(directory, "files/note.txt"), 1, 1);
      const { remote } = await ferryWhole(runOf(directory, { events }), join(scratch, "a"));
      assert.match(remote?.id ?? "", /^project\/run-1~[0-9a-f]{8}\.tar$/);
      assert.deepEqual(tars(join(scratch, "a")), ["project/run-1.tar", remote?.id]);
      assert.equal(filesBelow(join(scratch, "a")).get("project/run-1.tar"), before);
      await using back = await openTar(join(scratch, "a", remote?.id ?? ""));
      assert.deepEqual(await eventsOf(back), events);
      const again = await ferry(runOf(directory, { events }), join(scratch, "a"));
      assert.equal(again.status, "skipped", "it is found under its suffix");
    }));
}

test("directories of one name stay side by side, whatever run they belong to", () =>
  inScratch(async (scratch) => {
    const to = archive(join(scratch, "a"));
    for (const [at, id] of ["id-1", "id-2", "id-1"].entries()) {
      const parent = join(scratch, `parent-${at}`);
      const events = sampleEvents(5).map((event) =>
        event.type === "history" ? { ...event, step: Number(event.step) + 100 * at } : event
      );
      await ferryWhole(runOf(writeRunDirectory(parent), { info: { id }, events }), to);
    }
    assert.equal(tars(join(scratch, "a")).length, 3);
    for await (const { differences } of verifyArchive(join(scratch, "a"))) {
      assert.deepEqual(differences, []);
    }
  }));

test("a copy of the run elsewhere that holds more does not take its place", () =>
  inScratch(async (scratch) => {
    const to = archive(join(scratch, "a"));
    await ferryWhole(runOf(writeRunDirectory(join(scratch, "one"))), to);
    const other = writeRunDirectory(join(scratch, "two"));
    await ferryWhole(runOf(other, { events: sampleEvents(25) }), to);
    assert.equal(tars(join(scratch, "a")).length, 2);
  }));

test("a run is held also where only a copy of it came to its end", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(join(scratch, "one"));
    const root = join(scratch, "a");
    await ferryWhole(runOf(directory), root);
    const events = sampleEvents(25);
    // Both have grown since; only the copy was sent again.
    const copy = writeRunDirectory(join(scratch, "two"));
    for (const each of [directory, copy]) appendFileSync(join(each, "log"), "more\n");
    await ferryWhole(runOf(copy, { events }), root);
    assert.equal(tars(root).length, 2);
    const options = { destinations: [archive(root)], context: testContext() };
    const verify = async (events: readonly RunEvent[]): Promise<unknown> => {
      const reader = runOf(directory, { events });
      return (await verifyRun(reader, { ...options, progress: silentProgress }))[0]?.assurance;
    };
    assert.equal(await verify(events), "exact");
    assert.equal(await verify(sampleEvents(26)), "none");
  }));

test("runs of one name that arrive at the same time stay side by side", () =>
  inScratch(async (scratch) => {
    const to = archive(join(scratch, "a"));
    await Promise.all(
      [..."bcdefg"].map((id) =>
        ferryWhole(runOf(writeRunDirectory(join(scratch, id)), { info: { id } }), to)
      ),
    );
    assert.equal(tars(join(scratch, "a")).length, 6);
  }));

test("a foreign file with the name of the tar is left alone", () =>
  inScratch(async (scratch) => {
    mkdirSync(join(scratch, "a/project"), { recursive: true });
    writeFileSync(join(scratch, "a/project/run-1.tar"), "not ours");
    await ferryWhole(runOf(writeRunDirectory(scratch)), join(scratch, "a"));
    assert.equal(filesBelow(join(scratch, "a")).get("project/run-1.tar"), "not ours");
    assert.equal(tars(join(scratch, "a")).length, 2);
  }));

test("without the source, the files that events name are still there", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    await ferryWhole(runOf(directory), archive(join(scratch, "a"), { keepSource: false }));
    await using back = await openTar(join(scratch, "a/project/run-1.tar"));
    assert.deepEqual(await Array.fromAsync(back.entries()), []);
    assert.equal(await contentOf(back, "files/note.txt"), "a note\n");
    await assert.rejects(back.file({ path: "log" }), /does not hold it/);
  }));

test("an archive without the source is replaced when the source is wanted, never the other way", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const bare = archive(join(scratch, "a"), { keepSource: false });
    await ferryWhole(runOf(directory), bare);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    assert.deepEqual(tars(join(scratch, "a")), ["project/run-1.tar"]);
    await using back = await openTar(join(scratch, "a/project/run-1.tar"));
    assert.equal((await Array.fromAsync(back.entries())).length, 6);
    assert.equal((await ferry(runOf(directory), bare)).status, "skipped");
  }));

test("the tool that wrote and the state of the source are in the manifest", () =>
  inScratch(async (scratch) => {
    const run = runOf(writeRunDirectory(scratch));
    await ferryWhole(run, archive(join(scratch, "a"), { tool: "runferry 1.2.3" }));
    const [report] = await Array.fromAsync(verifyArchive(join(scratch, "a")));
    assert.equal(report?.manifest?.tool, "runferry 1.2.3");
    assert.equal(report?.manifest?.stamp, await run.stamp());
  }));

test("project and directory become plain names", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const cases: readonly (readonly [string | undefined, string, string])[] = [
      [undefined, "run", "uncategorized/run.tar"],
      ["a/b\\c", "x\ny", "a_b_c/x_y.tar"],
      ["..", "..", "__/__.tar"],
      ["Projekt ü", "läuft ✓", "Projekt ü/läuft ✓.tar"],
    ];
    for (const [project, name, expected] of cases) {
      const run = runOf(directory);
      const { project: _, ...info } = run.info;
      const named = { ...info, directory: name, ...(project === undefined ? {} : { project }) };
      const { remote } = await ferryWhole({ ...run, info: named }, join(scratch, "a"));
      assert.equal(remote?.id, expected);
    }
  }));
