import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fixture, inScratch, listTree, run } from "./binary.ts";
import { parseLines } from "./lines.ts";

const basic = fixture("swanlab", "0.9.7", "basic");

test("--version prints the version of the package", async () => {
  const manifest = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  for (const word of ["--version", "-V"]) {
    const { code, stdout } = await run([word]);
    assert.equal(code, 0);
    assert.equal(stdout, `${manifest.version}\n`);
  }
});

test("every command explains itself with examples", async () => {
  const { stdout } = await run(["--help"]);
  const commands = ["sync", "ls", "show", "cat", "verify", "export", "completion"]
    .concat(["login", "logout", "whoami", "serve"]);
  for (const command of commands) {
    assert.match(stdout, new RegExp(`^  ${command} `, "m"));
    const help = await run([command, "--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Examples:$/m);
    assert.equal((await run(["help", command])).stdout, help.stdout);
  }
});

test("each way to fail has its exit code, a message and advice", async () => {
  await inScratch(async (scratch) => {
    const table: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[], 2, /There is no command/],
      [["synk"], 2, /unknown command 'synk'\n {2}Did you mean sync\?/],
      [["sync", "--jsom"], 2, /unknown option '--jsom'\n {2}Did you mean --json\?/],
      [["sync", "-h"], 2, /Help is --help/],
      [["sync", basic], 12, /no key for https:\/\/swanlab\.cn\n {2}Run runferry login/],
      [["sync", basic, "-h", "http://127.0.0.1:9"], 12, /Run runferry login -h http:/],
      [["sync", basic, "-h", "me:secret@swan.example"], 16, /holds a user name/],
      [["sync", basic, "--to", "swanlab/@"], 2, /does not name a workspace/],
      [["sync", basic, "--to", "a", "--start-step", "x"], 2, /Not a step: "x"/],
      [["sync", basic, "--to", "a", "--end-time", "soon"], 2, /Not a time: "soon"/],
      [["sync", basic, "--to", "a", "--to", "./a"], 2, /named twice/],
      [["sync", basic, "--to", "ftp://somewhere"], 2, /not a destination/],
      [["sync", basic, "--to", "a", "--jobs", "0"], 2, /Not a whole number: "0"/],
      [["sync", basic, "--to", "a", "--max-file-size", "big"], 2, /Not a size: "big"/],
      [["sync", basic, "--to", "a", "--include", "age:old"], 2, /age/],
      [["sync", join(scratch, "nowhere"), "--to", "a"], 10, /nowhere does not exist/],
      [["export", basic], 2, /--format/],
      [["export", basic, "--format", "html"], 2, /Allowed choices are csv, jsonl/],
      [["verify"], 2, /nothing to verify/],
      [["verify", join(scratch, "nowhere")], 10, /nowhere/],
      [["cat", fixture("swanlab", "0.9.7")], 2, /holds 12 runs, not one\n {2}.*basic/],
      [["show", scratch], 10, /no run/],
      [["ls"], 10, /swanlog/],
      [["sync", basic, "--to", "/dev/null/archive"], 14, /\/dev\/null/],
      [["completion", "powershell"], 2, /bash, zsh, fish/],
    ];
    for (const [words, exit, message] of table) {
      const { code, stdout, stderr } = await run(words, { cwd: scratch });
      assert.match(stdout + stderr, message, words.join(" "));
      assert.equal(code, exit, words.join(" "));
      assert.doesNotMatch(stderr, /\bat .*:\d+:\d+/, "no stack");
    }
    assert.deepEqual(listTree(scratch), []);
  });
});

test("with --json a failure is a line, too", async () => {
  const { code, stdout, stderr } = await run(["sync", basic, "--json"]);
  assert.equal(code, 12);
  const [line] = parseLines(stdout, "syncLine");
  assert.equal(line?.["code"], "auth");
  assert.match(stderr, /^error: /);
});

test("one flipped bit in an archive is found and named", async () => {
  await inScratch(async (scratch) => {
    const archive = join(scratch, "archive");
    const sync = await run(["sync", basic, "--to", archive, "--json"]);
    const [line] = parseLines(sync.stdout, "syncLine");
    assert.equal(line?.["status"], "done", sync.stdout);
    const [name = ""] = listTree(archive).filter((each) => each.includes(".tar "))[0]
      ?.split(" ") ?? [];
    const bytes = readFileSync(join(archive, name));
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(join(archive, name), bytes);
    const { code, stdout } = await run(["verify", archive]);
    assert.equal(code, 15);
    assert.match(stdout, /^differs /m);
    assert.match(stdout, /^ +differs: The .*\.$/m);
    const json = await run(["verify", archive, "--json"]);
    const [outcome] = parseLines(json.stdout, "verifyLine");
    assert.equal(outcome?.["assurance"], "none");
    assert.equal((outcome?.["differences"] as readonly string[]).length, 1);
  });
});

test("an archive is a source, too", async () => {
  await inScratch(async (scratch) => {
    const archive = join(scratch, "archive");
    const copy = join(scratch, "copy");
    await run(["sync", basic, "--to", archive]);
    const { code, stderr } = await run(["sync", archive, "--to", copy]);
    assert.equal(code, 0, stderr);
    const [original, copied] = await Promise.all([run(["cat", basic]), run(["cat", copy])]);
    assert.equal(copied.stdout, original.stdout);
  });
});

test("export writes a table that a CSV reader understands", async () => {
  await inScratch(async (scratch) => {
    const file = join(scratch, "history.csv");
    const { code, stdout } = await run(["export", basic, "--format", "csv", "--output", file]);
    assert.equal(code, 0);
    assert.equal(stdout, "");
    const lines = readFileSync(file, "utf8").split("\r\n");
    assert.match(lines[0] ?? "", /^step,time,loss,acc/);
    const jsonl = await run(["export", basic, "--format", "jsonl"]);
    const rows = jsonl.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(rows.length, lines.length - 2);
    assert.equal(rows[0].step, 0);
    assert.equal(typeof rows[0].loss, "number");
  });
});

test("completion scripts are valid where their shell is there to judge", async () => {
  await inScratch(async (scratch) => {
    let judged = 0;
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await run(["completion", shell]);
      assert.equal(code, 0);
      const file = join(scratch, shell);
      writeFileSync(file, stdout);
      const { error, status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
      if (error !== undefined) continue;
      judged++;
      assert.equal(status, 0, `${shell}: ${stderr}`);
    }
    assert.ok(judged >= 1, "no shell is there");
  });
});
