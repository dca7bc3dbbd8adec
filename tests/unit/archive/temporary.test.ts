import assert from "node:assert/strict";
import { readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import {
  createTemporary,
  discard,
  publish,
  removeLeftovers,
} from "../../../src/archive/temporary.ts";
import { inScratch } from "../../contract/scratch.ts";

const now = 1_700_000_000_000;
const random = "01234567-89ab-cdef-0123-456789abcdef";

test("a temporary becomes a file that is not there yet, or replaces one", () =>
  inScratch(async (folder) => {
    const target = join(folder, "a.tar");
    const first = await createTemporary(folder);
    await first.handle.write("first");
    assert.equal(await publish(first, target, false), true);
    const second = await createTemporary(folder);
    await second.handle.write("second");
    assert.equal(await publish(second, target, false), false);
    assert.equal(readFileSync(target, "utf8"), "first");
    assert.equal(await publish(second, target, true), true);
    assert.equal(readFileSync(target, "utf8"), "second");
    assert.deepEqual(readdirSync(folder), ["a.tar"]);
  }));

test("a temporary that is discarded is gone", () =>
  inScratch(async (folder) => {
    await discard(await createTemporary(folder));
    assert.deepEqual(readdirSync(folder), []);
  }));

test("temporaries of living processes, and files that only look alike, are left alone", () =>
  inScratch(async (folder) => {
    const ours = await createTemporary(folder);
    const kept = [
      basename(ours.path),
      `.runferry-00000000-1-${random}.part`,
      `.runferry-00000000-1-${random}.part.tar`,
      `.runferry-1-${random}.part`,
      "run-1.tar",
    ].sort();
    for (const name of kept.filter((name) => name !== basename(ours.path))) {
      writeFileSync(join(folder, name), "");
      utimesSync(join(folder, name), now / 1000 - 3600, now / 1000 - 3600);
    }
    await removeLeftovers(folder, now);
    assert.deepEqual(readdirSync(folder).sort(), kept);
    await discard(ours);
  }));

test("temporaries of dead processes, and of other machines after a day, are removed", () =>
  inScratch(async (folder) => {
    const ours = await createTemporary(folder);
    await ours.handle.close();
    const dead = basename(ours.path).replace(/-\d+-/, "-999999999-");
    renameSync(ours.path, join(folder, dead));
    const foreign = `.runferry-00000000-1-${random}.part`;
    writeFileSync(join(folder, foreign), "");
    const yesterday = now / 1000 - 25 * 3600;
    utimesSync(join(folder, foreign), yesterday, yesterday);
    await removeLeftovers(folder, now);
    assert.deepEqual(readdirSync(folder), []);
  }));
