import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesOfOthers, isInUse } from "../../../src/sync/clean_open_files.ts";
import { inScratch } from "../../contract/scratch.ts";

test("what this process has open is in use, but not by others", () =>
  inScratch(async (directory) => {
    const table = join(directory, "proc");
    for (const [id, path] of [["7", "/runs/own/log"], ["8", "/runs/other/log"]] as const) {
      mkdirSync(join(table, id, "fd"), { recursive: true });
      symlinkSync(path, join(table, id, "fd", "3"));
    }
    symlinkSync("7", join(table, "self"));
    assert.equal(await isInUse("/runs/own", table), true);
    assert.equal(await isInUse("/runs/other", table), true);
    assert.equal(await isInUse("/runs", table), true);
    assert.equal(await isInUse("/runs/oth", table), false);
    assert.deepEqual(await Array.fromAsync(filesOfOthers(table)), ["/runs/other/log"]);
  }));

test("this process is known by its own files", () =>
  inScratch(async (directory) => {
    const path = join(directory, "log");
    const file = openSync(path, "w");
    assert.equal(await isInUse(directory), true);
    assert.ok(!(await Array.fromAsync(filesOfOthers())).includes(path));
    closeSync(file);
  }));
