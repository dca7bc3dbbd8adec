import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { binary, copyFixture, fixture, inScratch, run } from "./binary.ts";
import { parseLines } from "./lines.ts";

const basic = fixture("swanlab", "0.9.7", "basic");

test("nothing of a hostile .env and bunfig.toml in the current directory takes effect", async () => {
  await inScratch(async (scratch) => {
    const mark = join(scratch, "was-here");
    const code = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`;
    writeFileSync(join(scratch, "preload.js"), code);
    writeFileSync(join(scratch, "preload.ts"), code);
    writeFileSync(join(scratch, "bunfig.toml"), 'preload = ["./preload.js", "./preload.ts"]\n');
    writeFileSync(join(scratch, "tsconfig.json"), "{ not json");
    writeFileSync(join(scratch, "package.json"), "{ not json");
    writeFileSync(join(scratch, ".env"), "FORCE_COLOR=1\nHOME=/nowhere\n");
    const help = await run(["ls", basic], { cwd: scratch });
    assert.equal(help.code, 0, help.stderr);
    assert.equal(existsSync(mark), false, "the preload was executed");
    assert.equal(help.stdout.includes("\x1b["), false, ".env was read");
    const forced = await run(["ls", basic], { environment: { FORCE_COLOR: "1" } });
    assert.equal(forced.stdout.includes("\x1b["), true, "the variable has no effect at all");
  });
});

test("control characters in names do not reach the terminal, and JSON keeps them", async () => {
  await inScratch(async (scratch) => {
    const name = "evil\x1b]0;owned\x07\r\u202e";
    const runs = copyFixture(basic, join(scratch, name));
    for (const command of ["ls", "show"]) {
      const { code, stdout, stderr } = await run([command, runs]);
      assert.equal(code, 0, stderr);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    }
    const { stdout } = await run(["ls", runs, "--json"]);
    assert.ok(String(parseLines(stdout, "lsLine")[0]?.["path"]).includes(name));
  });
});

/** How to run a program as somebody whom permissions stop; root is stopped by none. */
function throughNobody(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const setpriv = "/usr/bin/setpriv";
  if (!existsSync(setpriv)) return undefined;
  return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"];
}

test("what must not be read is named, and the rest arrives", async (context) => {
  const through = throughNobody();
  if (through === undefined) return context.skip("root is stopped by no permission");
  await inScratch(async (scratch) => {
    chmodSync(scratch, 0o777);
    const runs = join(scratch, "runs");
    copyFixture(basic, join(runs, "open"));
    copyFixture(basic, join(runs, "closed"));
    chmodSync(join(runs, "closed"), 0o000);
    // The program may lie in a folder that only its owner can enter.
    const program = join(scratch, "runferry");
    copyFileSync(binary, program);
    const words = ["sync", runs, "--to", join(scratch, "archive"), "--json"];
    const { code, stdout, stderr } = await run(words, { through, program });
    chmodSync(join(runs, "closed"), 0o755);
    assert.equal(code, 3, stderr);
    const outcomes = parseLines(stdout, "syncLine").slice(0, -1);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["done", "failed"]);
    assert.match(JSON.stringify(outcomes), /"code":"source"/);
  });
});

test("a folder may be renamed between two syncs", async () => {
  await inScratch(async (scratch) => {
    const archive = join(scratch, "archive");
    mkdirSync(join(scratch, "one"));
    copyFixture(basic, join(scratch, "one", "runs"));
    await run(["sync", join(scratch, "one"), "--to", archive]);
    renameSync(join(scratch, "one"), join(scratch, "two"));
    const { code, stdout } = await run(["sync", join(scratch, "two"), "--to", archive, "--json"]);
    assert.equal(code, 0);
    assert.equal(parseLines(stdout, "syncLine")[0]?.["status"], "skipped");
  });
});
