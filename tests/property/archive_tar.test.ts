import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { verifyTar } from "../../src/archive/verify.ts";
import { contentOf, eventsOf, ferry, ferryWhole, openTar } from "../adapters/archive/ferry.ts";
import { runOf, sampleEvents, writeRunDirectory } from "../adapters/archive/sample_run.ts";
import { inScratch } from "../contract/scratch.ts";
import { events } from "./archive_event.ts";

test("any run comes out of the archive as it went in, and out of an archive of that", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    let at = 0;
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const [first, second] = [join(scratch, `${at++}`), join(scratch, `${at++}`)];
        const outcome = await ferry(runOf(directory, { events: list }), first);
        assert.equal(outcome.assurance, "exact");
        await using one = await openTar(join(first, "project/run-1.tar"));
        assert.deepEqual(await eventsOf(one), list);
        assert.equal((await ferry(one, second)).assurance, "exact");
        await using two = await openTar(join(second, "project/run-1.tar"));
        assert.deepEqual(await eventsOf(two), list);
        assert.equal(await contentOf(two, "log"), "the log\n".repeat(100));
      }),
      { numRuns: 60 },
    );
  }));

/** Archives a small run with a name that needs a pax header; returns the tar. */
async function smallTar(scratch: string): Promise<string> {
  const directory = writeRunDirectory(scratch);
  writeFileSync(join(directory, "files/picture.png"), "small");
  writeFileSync(join(directory, "ü".repeat(80)), "long name");
  await ferryWhole(runOf(directory, { events: sampleEvents(3) }), join(scratch, "a"));
  return join(scratch, "a/project/run-1.tar");
}

test("a bit that flips anywhere in a tar is found and told in a sentence", () =>
  inScratch(async (scratch) => {
    const tar = await smallTar(scratch);
    const bytes = readFileSync(tar);
    const copy = join(scratch, "copy.tar");
    const check = async (at: number, bit: number): Promise<void> => {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      writeFileSync(copy, flipped);
      const { differences } = await verifyTar(copy);
      assert.ok(differences.length > 0, `bit ${bit} of byte ${at}`);
      for (const sentence of differences) assert.match(sentence, /\.$/);
    };
    assert.deepEqual((await verifyTar(tar)).differences, []);
    // Every header block byte by byte is what a hash does not cover; the rest at random.
    for (let at = 0; at < bytes.length; at += 23) await check(at, at % 8);
    const [place, bit] = [fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 })];
    await fc.assert(fc.asyncProperty(place, bit, check), { numRuns: 300 });
  }));

test("a tar that is cut anywhere, or longer than it was, is found", () =>
  inScratch(async (scratch) => {
    const tar = await smallTar(scratch);
    const bytes = readFileSync(tar);
    const copy = join(scratch, "copy.tar");
    for (let length = 0; length < bytes.length; length += 131) {
      writeFileSync(copy, bytes);
      truncateSync(copy, length);
      assert.notDeepEqual((await verifyTar(copy)).differences, [], `${length} bytes`);
    }
    writeFileSync(copy, bytes);
    truncateSync(copy, bytes.length + 1);
    assert.match((await verifyTar(copy)).differences.join(), /bytes instead of/);
  }));
