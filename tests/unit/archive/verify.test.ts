import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { verifyArchive, verifyTar } from "../../../src/archive/verify.ts";
import { ferryWhole } from "../../adapters/archive/ferry.ts";
import { runOf, sampleEvents, writeRunDirectory } from "../../adapters/archive/sample_run.ts";
import { inScratch } from "../../contract/scratch.ts";

/** Archives the sample run below `scratch` and returns the tar. */
async function sampleTar(scratch: string): Promise<string> {
  await ferryWhole(runOf(writeRunDirectory(scratch)), join(scratch, "a"));
  return join(scratch, "a/project/run-1.tar");
}

/** Where to change a byte, and what must be said of it. */
const places: readonly (readonly [(tar: Buffer) => number, RegExp])[] = [
  [(tar) => tar.indexOf("PaxHeader"), /manifest\.json in .*: its header is not as written\.$/],
  [(tar) => tar.indexOf("comment=runferry"), /is not a runferry archive\.$/],
  [
    (tar) => tar.indexOf("sha256:") + 20,
    /(manifest\.json in .*: its SHA-256.*|not a runferry archive)\.$/,
  ],
  [(tar) => tar.indexOf('"stamp"'), /manifest\.json in .*: its SHA-256 .*\.$/],
  [(tar) => tar.indexOf("\n}\n") + 3, /^The padding behind manifest\.json is not as written\.$/],
  [(tar) => tar.lastIndexOf("source/log"), /^The header of source\/log is not as written\.$/],
  [(tar) => tar.lastIndexOf("source/link"), /^The header of source\/link is not as written\.$/],
  [
    (tar) => tar.lastIndexOf("the log"),
    /^The content of source\/log has the SHA-256 [0-9a-f]{64} /,
  ],
  [
    (tar) => tar.lastIndexOf("the log\n") + 8,
    /^The padding behind source\/log is not as written\.$/,
  ],
  [
    (tar) => tar.lastIndexOf("events/00000") + 600,
    /^The content of events\/00000\.msgpack\.zst has the SHA-256 /,
  ],
  [(tar) => tar.length - 1, /^The end of the tar is not as written\.$/],
  [(tar) => tar.length - 1024, /^The end of the tar is not as written\.$/],
];

for (const [place, sentence] of places) {
  test(`one changed byte is named: ${sentence.source}`, () =>
    inScratch(async (scratch) => {
      const tar = await sampleTar(scratch);
      const bytes = readFileSync(tar);
      const at = place(bytes);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(tar, bytes);
      const { differences } = await verifyTar(tar);
      assert.equal(differences.length, 1);
      assert.match(differences[0] ?? "", sentence);
    }));
}

test("a whole tar is told by its content, and every byte of it was read", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch);
    let bytes = 0;
    const report = await verifyTar(tar, (count) => bytes += count);
    assert.deepEqual(report.differences, []);
    assert.equal(report.info?.id, "id-1");
    assert.equal(report.entries, 7);
    assert.equal(report.bytes, readFileSync(tar).length);
    assert.equal(bytes, report.bytes);
    assert.equal(report.tally?.events.history, 40);
    assert.equal(Object.keys(report.tally?.files ?? {}).length, 3);
  }));

test("a manifest that fits its own hash but not the events is found", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch);
    const events = sampleEvents(21);
    await ferryWhole(runOf(join(scratch, "run-1"), { events }), join(scratch, "b"));
    const other = readFileSync(join(scratch, "b/project/run-1.tar"));
    const mixed = readFileSync(tar);
    const start = (bytes: Buffer): number => bytes.lastIndexOf("events/00000");
    other.copy(mixed, start(mixed), start(other), start(other) + 1024);
    writeFileSync(tar, mixed);
    assert.notDeepEqual((await verifyTar(tar)).differences, []);
  }));

test("an archive is verified tar by tar in order, links and temporaries left out", () =>
  inScratch(async (scratch) => {
    const tar = await sampleTar(scratch);
    mkdirSync(join(scratch, "a/another"));
    renameSync(tar, join(scratch, "a/another/b.tar"));
    writeFileSync(join(scratch, "a/another/a.tar"), "");
    writeFileSync(join(scratch, "a/another/.runferry-1.part"), "");
    writeFileSync(join(scratch, "a/another/notes.txt"), "");
    symlinkSync(join(scratch, "a/another"), join(scratch, "a/link"));
    const reports = await Array.fromAsync(verifyArchive(join(scratch, "a")));
    assert.deepEqual(reports.map(({ path, differences }) => [path, differences.length]), [
      [join(scratch, "a/another/a.tar"), 1],
      [join(scratch, "a/another/b.tar"), 0],
    ]);
    const alone = await Array.fromAsync(verifyArchive(join(scratch, "a/another/b.tar")));
    assert.equal(alone.length, 1);
  }));

test("an archive that is not there is an error", () =>
  inScratch(async (scratch) => {
    await assert.rejects(Array.fromAsync(verifyArchive(join(scratch, "none"))), SourceError);
  }));
