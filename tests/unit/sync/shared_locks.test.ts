import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { LockedError } from "../../../src/errors.ts";
import { Journals } from "../../../src/sync/journals.ts";
import { inScratch } from "../../contract/scratch.ts";

const one = { source: "swanlab", path: "/runs/first", id: "x" };
const other = { source: "swanlab", path: "/elsewhere/second", id: "x" };
const to = "https://host";

/** The journals as one process has them; another one has its own. */
function journalsIn(directory: string): Journals {
  return new Journals({
    directory,
    pid: process.pid,
    tool: "runferry 0.0.0",
    breakLock: false,
    now: () => Date.UTC(2026, 10, 25, 17),
    notice: assert.fail,
  });
}

describe("the parts of a run", () => {
  it("are worked on by one process at a time, side by side", () =>
    inScratch(async (directory) => {
      const [mine, theirs] = [journalsIn(directory), journalsIn(directory)];
      const first = await mine.lockParts(one, to);
      const second = await mine.lockParts(other, to);
      const refused = /The run x to https:\/\/host is locked by process \d+ on /;
      await assert.rejects(theirs.lockParts(other, to), refused);
      await first[Symbol.asyncDispose]();
      await assert.rejects(theirs.lockParts(one, to), LockedError);
      await second[Symbol.asyncDispose]();
      await using _ = await theirs.lockParts(one, to);
      await assert.rejects(mine.lockParts(one, to), LockedError);
      await assert.rejects(mine.lockParts(other, to), LockedError);
    }));

  it("are free at another destination, and those of another run", () =>
    inScratch(async (directory) => {
      await using _ = await journalsIn(directory).lockParts(one, to);
      await using __ = await journalsIn(directory).lockParts(other, "https://another");
      await using ___ = await journalsIn(directory).lockParts({ ...one, id: "y" }, to);
    }));

  it("can be taken again while they are given back, and leave nothing locked", () =>
    inScratch(async (directory) => {
      const journals = journalsIn(directory);
      const first = await journals.lockParts(one, to);
      const ended = first[Symbol.asyncDispose]();
      const again = await journals.lockParts(other, to);
      await ended;
      await assert.rejects(journalsIn(directory).lockParts(one, to), LockedError);
      await again[Symbol.asyncDispose]();
      const names = readdirSync(join(directory, "ids"), { recursive: true, encoding: "utf8" });
      assert.deepEqual(names.filter((name) => name.includes(".lock")), []);
    }));
});
