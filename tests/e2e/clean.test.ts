import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import {
  binary,
  copyFixture,
  type Finished,
  finished,
  fixture,
  inScratch,
  listTree,
  run,
  start,
} from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";

const key = "key4hunter2key4hunter2";
const ended = fixture("wandb", "0.22.0", "basic", "offline-run-20261123_081011-fxbasic1");
const crashed = fixture("wandb", "0.22.0", "crash_early");

/** A place with a finished run and one that crashed, below `wandb/`. */
interface Place {
  readonly directory: string;
  readonly wandb: string;
  readonly ended: string;
  readonly crashed: string;
  runferry(...words: readonly string[]): Promise<Finished>;
}

async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  await inScratch(async (directory) => {
    const [wandb, home] = [join(directory, "wandb"), join(directory, "home")];
    const environment = { HOME: home, XDG_STATE_HOME: join(directory, "state") };
    mkdirSync(wandb);
    mkdirSync(home);
    const [crash = ""] = readdirSync(crashed).filter((name) => name.startsWith("offline-run-"));
    await work({
      directory,
      wandb,
      ended: copyFixture(ended, join(wandb, basename(ended))),
      crashed: copyFixture(join(crashed, crash), join(wandb, crash)),
      runferry: (...words) => run(words, { cwd: directory, environment }),
    });
  });
}

/** The line about a run. */
function lineOf(lines: readonly Line[], path: string): Line {
  const line = lines.find((line) => String(line["path"]).endsWith(basename(path)));
  assert.ok(line !== undefined, path);
  return line;
}

/** Serves a store in a directory. */
async function serve(
  directory: string,
  port = "0",
): Promise<{ readonly url: string; stop(): Promise<unknown> }> {
  const words = ["serve", "store", "--port", port, "--json", "--user", "ann", "--key", key];
  const host = start(words, { cwd: directory });
  const end = finished(host);
  assert.ok(host.stdout !== null);
  const [text] = await once(host.stdout, "data");
  const { url } = JSON.parse(String(text)) as { readonly url: string };
  return {
    url,
    stop(): Promise<unknown> {
      host.kill("SIGTERM");
      return end;
    },
  };
}

test("sync --clean deletes what ended and arrived, and says why the rest stays", () =>
  inPlace(async ({ directory, wandb, ended, crashed, runferry }) => {
    symlinkSync(basename(ended), join(wandb, "latest-run"));
    const through = await runferry("sync", "wandb/latest-run", "--to", "a", "--clean", "--json");
    const [linked] = parseLines(through.stdout, "syncLine");
    assert.match(String(linked?.["kept"]), /outside the path that was given/);
    assert.ok(existsSync(ended));
    const { stdout, stderr } = await runferry("sync", "wandb", "--to", "a", "--clean", "--json");
    const lines = parseLines(stdout, "syncLine");
    assert.equal(lineOf(lines, ended)["cleaned"], true, stdout + stderr);
    assert.equal(lineOf(lines, crashed)["cleaned"], false);
    assert.match(String(lineOf(lines, crashed)["kept"]), /does not end with the end of the run/);
    assert.ok(!existsSync(ended));
    assert.ok(existsSync(crashed));
    assert.deepEqual(readdirSync(wandb).sort(), ["latest-run", basename(crashed)].sort());
    const verify = await run(["verify", "a"], { cwd: directory });
    assert.equal(verify.code, 0, verify.stdout);
  }));

test("clean deletes nothing that was never synced, and what was, only when it is said or asked", () =>
  inPlace(async ({ ended, runferry }) => {
    const words = ["clean", ended, "--to", "a", "--min-age", "0"];
    const unknown = await runferry(...words, "--yes", "--json");
    assert.ok(existsSync(ended), unknown.stdout);
    writeFileSync(join(ended, "files", "fresh.txt"), "just written");
    await runferry("sync", ended, "--to", "a");
    assert.equal((await runferry(...words)).code, 2);
    const before = listTree(ended);
    const planned = await runferry(...words, "--dry-run", "--json");
    assert.equal(lineOf(parseLines(planned.stdout, "cleanLine"), ended)["planned"], true);
    assert.deepEqual(listTree(ended), before);
    const young = await runferry("clean", ended, "--to", "a", "--yes", "--json");
    const decided = lineOf(parseLines(young.stdout, "cleanLine"), ended);
    assert.match(String(decided["reasons"]), /less than --min-age ago/);
    const cleaned = await runferry(...words, "--yes", "--json");
    assert.equal(lineOf(parseLines(cleaned.stdout, "cleanLine"), ended)["cleaned"], true);
    assert.ok(!existsSync(ended));
  }));

test("who cleans every night finds nothing one day, and that is no failure", () =>
  inPlace(async ({ directory, ended, crashed, runferry }) => {
    rmSync(crashed, { recursive: true });
    assert.equal((await runferry("sync", "wandb", "--to", "a", "--clean")).code, 0);
    assert.ok(!existsSync(ended));
    for (
      const words of [
        ["sync", "wandb", "--to", "a", "--clean"],
        ["clean", "wandb", "--to", "a", "--yes"],
        ["watch", "wandb", "--to", "a", "--once"],
      ]
    ) {
      const empty = await runferry(...words);
      assert.equal(empty.code, 0, empty.stderr);
      assert.match(empty.stderr, /There is no run in .*wandb/);
    }
    assert.equal((await runferry("sync", "wandb", "--to", "a")).code, 10);
    assert.equal((await runferry("sync", join(directory, "no"), "--to", "a", "--clean")).code, 10);
  }));

test("a run that changed after it was synced stays until it is synced again", () =>
  inPlace(async ({ ended, runferry }) => {
    await runferry("sync", ended, "--to", "a");
    writeFileSync(join(ended, "files", "late.txt"), "late");
    const words = ["clean", ended, "--to", "a", "--min-age", "0", "--yes", "--json"];
    const refused = await runferry(...words);
    assert.equal(refused.code, 15, refused.stdout);
    assert.ok(existsSync(ended));
    await runferry("sync", ended, "--to", "a", "--clean");
    assert.ok(!existsSync(ended));
  }));

test("with --trash runs are moved, and with --keep the newest stay", () =>
  inPlace(async ({ directory, ended, runferry }) => {
    await runferry("sync", "wandb", "--to", "a", "--clean", "--keep", "2");
    assert.ok(existsSync(ended));
    await runferry("sync", "wandb", "--to", "a", "--clean", "--trash", "gone");
    assert.ok(!existsSync(ended));
    assert.deepEqual(readdirSync(join(directory, "gone")), [basename(ended)]);
    const inside = await runferry("sync", "wandb", "--to", "a", "--clean", "--trash", "wandb/gone");
    assert.equal(inside.code, 2);
  }));

test("what a process left half deleted when it was killed is deleted by the next clean", () =>
  inPlace(async ({ directory, wandb, ended, runferry }) => {
    await runferry("sync", "wandb", "--to", "a");
    const runs = join(directory, "state", "runferry", "runs");
    const journals = readdirSync(runs, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".jsonl")).map((name) => join(runs, name));
    const journal = journals.find((path) => readFileSync(path, "utf8").includes(ended)) ?? "";
    const trash = join(wandb, ".runferry-trash-1");
    renameSync(ended, trash);
    rmSync(join(trash, "files"), { recursive: true });
    const inode = `${lstatSync(trash, { bigint: true }).ino}`;
    const entry = { type: "clean", at: 1, state: "condemned", trash, inode, stamp: "x" };
    appendFileSync(journal, `${JSON.stringify(entry)}\n`);
    const listed = await runferry("ls", "wandb", "--json");
    assert.equal(parseLines(listed.stdout, "lsLine").length, 1, listed.stdout);
    const { stderr } = await runferry("clean", "wandb", "--to", "a", "--yes");
    assert.match(stderr, /is gone now/);
    assert.ok(!existsSync(trash));
  }));

test("a folder that must not be written keeps its runs as they are, and that is said", async (context) => {
  const setpriv = "/usr/bin/setpriv";
  if (process.getuid?.() !== 0 || !existsSync(setpriv)) return context.skip("only for root");
  const through = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"];
  await inPlace(async ({ directory, wandb, ended }) => {
    chmodSync(directory, 0o777);
    for (const name of ["", ...readdirSync(ended, { recursive: true, encoding: "utf8" })]) {
      chmodSync(join(ended, name), 0o777);
    }
    const program = join(directory, "runferry");
    copyFileSync(binary, program);
    chmodSync(wandb, 0o555);
    const before = listTree(ended);
    const words = ["sync", ended, "--to", "a", "--clean", "--json", "--state", "state"];
    const { code, stdout } = await run(words, { through, program, cwd: directory });
    assert.equal(code, 3, stdout);
    const line = lineOf(parseLines(stdout, "syncLine"), ended);
    assert.equal(line["assurance"], "exact");
    assert.match(JSON.stringify(line["error"]), /Cannot delete .*permission denied/);
    assert.deepEqual(listTree(ended), before);
  });
});

test("without a state directory that can be written nothing is deleted", () =>
  inPlace(async ({ directory, ended, runferry }) => {
    writeFileSync(join(directory, "file"), "");
    const state = ["--state", join(directory, "file", "state")];
    const { stderr } = await runferry("sync", ended, "--to", "a", "--clean", ...state);
    assert.match(stderr, /Cannot write/);
    assert.ok(existsSync(ended));
  }));

test("a host that has lost a run since it was verified has its directory kept", () =>
  inPlace(async ({ directory, ended, runferry }) => {
    const host = await serve(directory);
    const to = ["-h", host.url, "-k", key, "-w", "ann", "-p", "p"];
    const words = ["clean", ended, ...to, "--min-age", "0", "--yes", "--json"];
    try {
      assert.equal((await runferry("sync", ended, ...to)).code, 0);
    } finally {
      await host.stop();
    }
    rmSync(join(directory, "store"), { recursive: true });
    const before = listTree(ended);
    assert.equal((await runferry("sync", ended, ...to)).code, 0, "what is verified asks nobody");
    const forgetful = await serve(directory, new URL(host.url).port);
    try {
      const { code, stdout } = await runferry(...words);
      assert.notEqual(code, 0, stdout);
      assert.deepEqual(listTree(ended), before);
      const { sent } = lineOf(
        parseLines((await runferry("sync", ended, ...to, "--clean", "--json")).stdout, "syncLine"),
        ended,
      );
      assert.ok(Number(sent) > 0 && !existsSync(ended), "it goes once it was sent again");
    } finally {
      await forgetful.stop();
    }
  }));

test("a run with another file system in it is kept as it is", async (context) => {
  const through = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs none "$0" && "$@"'];
  if (spawnSync("unshare", ["-rm", "true"]).status !== 0) return context.skip("no name spaces");
  await inPlace(async ({ directory, ended }) => {
    const mount = join(ended, "files", "mounted");
    mkdirSync(mount);
    const words = ["sync", ended, "--to", "a", "--clean", "--json", "--state", "state"];
    const { code, stdout } = await run(words, { through: [...through, mount], cwd: directory });
    assert.equal(code, 3, stdout);
    assert.match(stdout, /another file system is mounted at/);
    assert.ok(existsSync(mount));
  });
});

test("several destinations have to prove it, a private host among them", () =>
  inPlace(async ({ directory, ended, runferry }) => {
    const host = await serve(directory);
    try {
      const to = ["-h", host.url, "-k", key, "-w", "ann", "-p", "p", "--to", "a"];
      const { stdout, stderr } = await runferry("sync", ended, ...to, "--clean", "--json");
      const lines = parseLines(stdout, "syncLine").filter(({ type }) => type === "run");
      assert.deepEqual(lines.map(({ cleaned }) => cleaned), [true, true], stdout + stderr);
      assert.ok(!existsSync(ended));
    } finally {
      await host.stop();
    }
  }));
