import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { LockedError } from "../../../src/errors.ts";
import { Lock, type LockOptions } from "../../../src/sync/lock.ts";
import { isGone, type LockHolder, thisHolder } from "../../../src/sync/lock_holder.ts";
import { inScratch } from "../../contract/scratch.ts";

const now = Date.UTC(2026, 10, 25, 17);
const options: LockOptions = { pid: process.pid, now, subject: "a to b", breaking: false };

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  assert.ok(child.pid !== undefined);
  return child.pid;
}

describe("a lock", () => {
  it("is had by one at a time, and is gone afterwards", () =>
    inScratch(async (directory) => {
      const path = join(directory, "x.lock");
      {
        await using _ = await Lock.take(path, options);
        await assert.rejects(Lock.take(path, options), (error: unknown) => {
          assert.ok(error instanceof LockedError);
          assert.match(
            error.message,
            new RegExp(`^a to b is locked by process ${process.pid} on `),
          );
          assert.match(error.message, /since 2026-11-25T17:00:00\.000Z$/);
          assert.match(error.hint ?? "", /--break-lock/);
          return true;
        });
      }
      assert.deepEqual(readdirSync(directory), []);
      await (await Lock.take(path, options))[Symbol.asyncDispose]();
    }));

  it("goes to exactly one of many who want it at once", () =>
    inScratch(async (directory) => {
      const path = join(directory, "x.lock");
      const wanted = Array.from({ length: 20 }, () => Lock.take(path, options));
      const results = await Promise.allSettled(wanted);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      assert.deepEqual(readdirSync(directory), ["x.lock"]);
    }));

  it("is taken from a process that is surely gone", () =>
    inScratch(async (directory) => {
      const path = join(directory, "x.lock");
      const own = await thisHolder(process.pid, now);
      writeFileSync(path, JSON.stringify({ ...own, pid: await endedProcess() }));
      await using _ = await Lock.take(path, options);
      assert.equal(JSON.parse(readFileSync(path, "utf8")).pid, process.pid);
    }));

  it("takes along what processes left that were killed while they made theirs", () =>
    inScratch(async (directory) => {
      const path = join(directory, "x.lock");
      const own = await thisHolder(process.pid, now);
      const gone = JSON.stringify({ ...own, pid: await endedProcess() });
      const others = ["x.lock.living", "y.lock.gone", "x.jsonl"];
      writeFileSync(join(directory, "x.lock.living"), JSON.stringify(own));
      for (const name of ["x.lock.gone", "y.lock.gone"]) writeFileSync(join(directory, name), gone);
      writeFileSync(join(directory, "x.lock.torn"), gone.slice(0, 20));
      writeFileSync(join(directory, "x.jsonl"), "");
      await using _ = await Lock.take(path, options);
      assert.deepEqual(readdirSync(directory).sort(), [...others, "x.lock"].sort());
    }));

  it("is taken from anybody when the user says so, who then does not take it back", () =>
    inScratch(async (directory) => {
      for (const content of ["", "not JSON", '{"pid":1}']) {
        const path = join(directory, "x.lock");
        writeFileSync(path, content);
        await assert.rejects(Lock.take(path, options), /is locked by another process$/);
        await (await Lock.take(path, { ...options, breaking: true }))[Symbol.asyncDispose]();
        assert.equal(existsSync(path), false);
      }
      const path = join(directory, "y.lock");
      const broken = await Lock.take(path, options);
      await using _ = await Lock.take(path, { ...options, breaking: true });
      await broken[Symbol.asyncDispose]();
      assert.equal(existsSync(path), true);
    }));
});

describe("a holder", () => {
  it("is only called gone on proof", async () => {
    const own = await thisHolder(process.pid, now);
    const dead = { ...own, pid: await endedProcess() };
    const table: readonly (readonly [string, LockHolder, boolean])[] = [
      ["itself", own, false],
      ["a number that nobody has", dead, true],
      ["a number that another process has now", { ...own, started: "1" }, true],
      ["another machine", { ...dead, host: "elsewhere" }, false],
      ["another machine of the same name", { ...dead, machine: "other" }, false],
      ["another container", { ...dead, container: "pid:[1]" }, false],
      ["a holder that did not know its start", { ...dead, started: "" }, false],
    ];
    for (const [what, holder, gone] of table) {
      assert.equal(await isGone(holder, own), gone, what);
    }
  });

  it("is gone when its machine was started anew", async () => {
    const own = { ...await thisHolder(process.pid, now), machine: "m" };
    assert.equal(await isGone({ ...own, boot: "before" }, own), true);
    assert.equal(await isGone({ ...own, boot: "" }, own), false);
    const dead = { ...own, pid: await endedProcess(), boot: "" };
    assert.equal(await isGone(dead, own), true, "its number is free, whatever the boot");
    assert.equal(await isGone({ ...dead, machine: "" }, { ...own, machine: "" }), false);
    const nameless = { ...own, machine: "" };
    assert.equal(await isGone({ ...nameless, boot: "before" }, nameless), false);
  });
});
