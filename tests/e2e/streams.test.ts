import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { copyFixture, finished, fixture, inScratch, listTree, run, start } from "./binary.ts";
import { parseLines } from "./lines.ts";

const basic = fixture("swanlab", "0.9.7", "basic");

/** Copies a small run and makes one of its metrics long. */
function makeLongRun(scratch: string, rows: number): string {
  const swanlog = copyFixture(
    fixture("swanlab", "0.6.1", "values", "swanlog"),
    join(scratch, "swanlog"),
  );
  const [directory = ""] = readdirSync(swanlog).filter((name) => name.startsWith("run-"));
  const log = join(swanlog, directory, "logs", "3", "1000.log");
  const time = "2026-11-23T08:12:00.000000+00:00";
  for (let row = 2; row < rows;) {
    let text = "";
    for (const end = Math.min(rows, row + 10_000); row < end; row++) {
      text += `{"index": ${row}, "data": ${row / 7}, "create_time": "${time}"}\n`;
    }
    appendFileSync(log, text);
  }
  return join(swanlog, directory);
}

test("cat into head ends quietly", async () => {
  await inScratch(async (scratch) => {
    const path = makeLongRun(scratch, 50_000);
    const script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await run(["cat", path], {
      through: ["/bin/bash", "-c", script, "bash"],
    });
    const [line = "", status] = stdout.split("\n");
    assert.equal(JSON.parse(line).type, "run");
    assert.equal(status, "0");
    assert.equal(stderr, "");
  });
});

test("a slow reader gets everything, in little memory", async () => {
  await inScratch(async (scratch) => {
    const child = start(["cat", makeLongRun(scratch, 400_000)]);
    let lines = 0;
    let peak = 0;
    child.stdout?.on("data", (chunk: Uint8Array) => {
      lines += chunk.reduce((count, byte) => count + Number(byte === 10), 0);
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      // A process that has ended, with its output still to be read, has no memory any more.
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 0);
    assert.ok(lines > 400_000, `${lines} lines`);
    assert.ok(peak > 0 && peak < 200_000, `${peak} kB`);
  });
});

test("a full disk behind stdout is an error, not silence", async () => {
  for (const command of ["cat", "show", "ls"]) {
    const { code, stderr } = await run([command, basic], {
      through: ["/bin/sh", "-c", '"$@" > /dev/full', "sh"],
    });
    assert.equal(code, 14, stderr);
    assert.match(stderr, /^error: Cannot write to standard output: .*no space/);
    assert.equal(stderr.split("\n").length, 3, stderr);
  }
});

test("SIGINT ends a sync cleanly, and the next one goes on from there", async () => {
  await inScratch(async (scratch) => {
    const runs = join(scratch, "runs");
    for (let index = 0; index < 300; index++) copyFixture(basic, join(runs, `${index}`));
    const archive = join(scratch, "archive");
    // Copies of one run have one name, so each sync keeps them apart by their content.
    const child = start(["sync", runs, "--to", archive, "--json"]);
    child.stdout?.once("data", () => child.kill("SIGINT"));
    const { code, stdout, stderr } = await finished(child);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /stopping cleanly/);
    const lines = parseLines(stdout, "syncLine");
    assert.equal(lines.at(-1)?.["exit"], 130);
    const halfWritten = listTree(archive).filter((line) => /\.(?!tar )[^. ]* \d+ /.test(line));
    assert.deepEqual(halfWritten.filter((line) => !/^[^.]* /.test(line)), []);
    const verified = await run(["verify", archive]);
    assert.equal(verified.code, 0, verified.stdout);
    const again = await run(["sync", runs, "--to", archive, "--json"]);
    assert.equal(again.code, 0, again.stderr);
  });
});

test("SIGTERM has its own exit code", async () => {
  await inScratch(async (scratch) => {
    const child = start(["cat", makeLongRun(scratch, 400_000)]);
    child.stdout?.once("data", () => child.kill("SIGTERM"));
    const { code } = await finished(child);
    assert.equal(code, 143);
  });
});

test("a second signal ends it at once", async () => {
  await inScratch(async (scratch) => {
    const child = start(["cat", makeLongRun(scratch, 400_000)]);
    // Nobody reads, so that it waits in a write when the signals come.
    child.stdout?.pause();
    await new Promise((resolve) => child.stdout?.once("readable", resolve));
    child.kill("SIGINT");
    await new Promise((resolve) => child.stderr?.once("data", resolve));
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.once("exit", resolve));
    assert.equal(code, 130);
    child.stdout?.destroy();
  });
});
