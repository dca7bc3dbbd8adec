import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { DestinationError } from "../../../src/errors.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch, snapshot } from "../../contract/scratch.ts";
import { ferry, ferryWhole, filesBelow } from "./ferry.ts";
import { runOf, writeRunDirectory } from "./sample_run.ts";
import { onDisk } from "./small_disk.ts";

/** Checks a destination that must refuse; returns the message. */
async function refusal(root: string): Promise<string> {
  try {
    await archive(root).check(testContext());
  } catch (error) {
    assert.ok(error instanceof DestinationError);
    assert.match(error.hint ?? "", /^[A-Z].+\.$/);
    return error.message;
  }
  assert.fail(`${root} was not refused`);
}

test("a folder that exists, or can be made, is accepted and not made", () =>
  inScratch(async (scratch) => {
    for (const root of [scratch, join(scratch, "a/b/c")]) {
      assert.deepEqual(await archive(root).check(testContext()), { name: root });
    }
    assert.deepEqual(readdirSync(scratch), []);
  }));

test("a root that is a file, or below one, is refused", () =>
  inScratch(async (scratch) => {
    writeFileSync(join(scratch, "file"), "");
    assert.match(await refusal(join(scratch, "file")), /not a folder/);
    assert.match(await refusal(join(scratch, "file/below")), /not a folder/);
  }));

test("a read-only file system is refused before anything is read", () =>
  inScratch((scratch) =>
    onDisk(join(scratch, "disk"), "ro", async () => {
      assert.match(await refusal(join(scratch, "disk")), /read-only/);
      assert.match(await refusal(join(scratch, "disk/new")), /read-only/);
      const run = runOf(writeRunDirectory(scratch));
      const { error, status } = await ferry(run, join(scratch, "disk/new"));
      assert.equal(status, "failed");
      assert.equal(error?.code, "destination");
      assert.match(error?.message ?? "", /read-only/);
    })
  ));

test("a full disk is named, and nothing half-written is left", () =>
  inScratch((scratch) =>
    onDisk(join(scratch, "disk"), "size=256k", async () => {
      const disk = join(scratch, "disk");
      await ferryWhole(runOf(writeRunDirectory(scratch, "small")), disk);
      const before = filesBelow(disk);
      const large = writeRunDirectory(scratch, "large");
      writeFileSync(join(large, "big"), new Uint8Array(3 << 20));
      const { error, status } = await ferry(runOf(large), disk);
      assert.equal(status, "failed");
      assert.equal(error?.code, "destination");
      assert.match(error?.message ?? "", /the disk is full$/);
      assert.match(error?.hint ?? "", /Free some space/);
      assert.deepEqual(filesBelow(disk), before);
    })
  ));

test("names longer than the file system takes are cut, and stay apart", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const ids = new Set<string | undefined>();
    for (const end of ["a", "b"]) {
      const info = { directory: "é".repeat(300) + end, project: "p".repeat(300) + end };
      ids.add((await ferryWhole(runOf(directory, { info }), join(scratch, "a"))).remote?.id);
    }
    assert.equal(ids.size, 2);
    for (const id of ids) assert.match(id ?? "", /^p+-[0-9a-f]{8}\/é+-[0-9a-f]{8}\.tar$/);
  }));

test("a root whose own name is too long is refused", () =>
  inScratch(async (scratch) => {
    assert.match(await refusal(join(scratch, "n".repeat(300))), /name is too long/);
  }));

test("an archive inside the run directory is refused, whatever way leads there", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    mkdirSync(join(directory, "inside"));
    symlinkSync(join(directory, "inside"), join(scratch, "link"));
    const before = snapshot(directory);
    for (const root of [directory, join(directory, "new/a"), join(scratch, "link/a")]) {
      const { error, status } = await ferry(runOf(directory), root);
      assert.equal(status, "failed", root);
      assert.equal(error?.code, "destination");
      assert.match(error?.message ?? "", /inside the run/);
    }
    assert.deepEqual(snapshot(directory), before);
    await ferryWhole(runOf(directory), scratch);
  }));
