import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { type RunDirectory, runDirectory } from "../../../src/files/run_directory.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import { listen, Scratch, textOf } from "./scratch.ts";

const inside = { followOutside: false };
const anywhere = { followOutside: true };

async function listed(run: RunDirectory): Promise<SourceEntry[]> {
  return await Array.fromAsync(run.entries());
}

async function content(run: RunDirectory, path: string): Promise<string> {
  return await textOf(await run.file({ path }));
}

/** The SourceError that asking for a file fails with. */
async function refusal(run: RunDirectory, path: string): Promise<SourceError> {
  const error = await run.file({ path }).then(() => undefined, (reason) => reason);
  assert.ok(error instanceof SourceError, `${path}: ${error}`);
  assert.match(error.hint ?? "", /^[A-Z].*\.$/);
  return error;
}

describe("the entries of a run directory", () => {
  it("come in byte order of their paths", async () => {
    using scratch = new Scratch();
    const names = ["a/x", "a-/x", "a0", "a/-/x", "a.txt", "é/x", "\u{10000}", "\uffee", "B"];
    for (const name of names) scratch.write(name);
    const paths = (await listed(runDirectory(scratch.path, inside))).map(({ path }) => path);
    const sorted = paths.toSorted((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right))
    );
    assert.deepEqual(paths, sorted);
    assert.deepEqual(paths.slice(0, 9), [
      "B",
      "a",
      "a-",
      "a-/x",
      "a.txt",
      "a/-",
      "a/-/x",
      "a/x",
      "a0",
    ]);
    assert.equal(paths.length, 13);
  });

  it("tell kind, size, time, mode and where links point", async () => {
    using scratch = new Scratch();
    scratch.write("file", "12345");
    chmodSync(scratch.at("file"), 0o640);
    utimesSync(scratch.at("file"), 1_700_000_000, 1_700_000_000.25);
    mkdirSync(scratch.at("folder"), { mode: 0o700 });
    symlinkSync("../somewhere else", scratch.at("link"));
    scratch.fifo("pipe");
    const server = await listen(scratch.at("socket"));
    const found = await listed(runDirectory(scratch.path, inside));
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(found.map(({ path, kind, bytes }) => [path, kind, bytes]), [
      ["file", "file", 5],
      ["folder", "directory", 0],
      ["link", "link", 0],
      ["pipe", "other", 0],
      ["socket", "other", 0],
    ]);
    assert.deepEqual(found[0]?.modified, 1_700_000_000_250);
    assert.deepEqual([found[0]?.mode, found[1]?.mode], [0o640, 0o700]);
    assert.equal(found[2]?.target, "../somewhere else");
    assert.ok(!Object.hasOwn(found[0] ?? {}, "target"));
  });

  it("do not lead through links to directories", async () => {
    using scratch = new Scratch();
    scratch.write("run/a/x");
    symlinkSync("..", scratch.at("run/a/up"));
    const found = await listed(runDirectory(scratch.at("run"), inside));
    assert.deepEqual(found.map(({ path }) => path), ["a", "a/up", "a/x"]);
  });

  it("are just the file when the run is a lone file", async () => {
    using scratch = new Scratch();
    scratch.write("other");
    const found = await listed(runDirectory(scratch.write("run.wandb", "123"), inside));
    assert.deepEqual(found.map(({ path, bytes }) => [path, bytes]), [["run.wandb", 3]]);
  });

  it("are all listed before a name that is not valid UTF-8 is reported", async () => {
    using scratch = new Scratch();
    scratch.write("a/x");
    scratch.write("z");
    writeFileSync(Buffer.from(`${scratch.path}/a/bad\xff`, "latin1"), "");
    await assertListedThenFails(scratch.path, ["a", "a/x", "z"], /"bad\ufffd" in .*\/a: .*UTF-8/);
  });

  it("are all listed before a directory that cannot be read is reported", async () => {
    using scratch = new Scratch();
    scratch.write("a/x");
    scratch.write("z");
    // A path longer than the system's limit is unreadable for everybody, the superuser included.
    const name = "d".repeat(250);
    const half = Array(10).fill(name).join("/");
    mkdirSync(scratch.at(`a/${half}`), { recursive: true });
    mkdirSync(scratch.at(`b/${half}`), { recursive: true });
    renameSync(scratch.at("b"), scratch.at(`a/${half}/b`));
    const paths = ["a"];
    for (const part of `${half}/b/${half}`.split("/")) {
      const path = `${paths.at(-1)}/${part}`;
      if (scratch.at(path).length < 4096) paths.push(path);
    }
    await assertListedThenFails(scratch.path, [...paths, "a/x", "z"], /too long/);
    spawnSync("rm", ["-rf", scratch.at("a")]);
  });

  it("fail when the directory is missing", async () => {
    using scratch = new Scratch();
    const run = runDirectory(scratch.at("none"), inside);
    await assert.rejects(listed(run), /Cannot read .*none: it is missing/);
    await assert.rejects(run.stamp(), SourceError);
  });
});

async function assertListedThenFails(
  path: string,
  paths: readonly string[],
  message: RegExp,
): Promise<void> {
  const found: string[] = [];
  const listing = (async (): Promise<void> => {
    for await (const entry of runDirectory(path, inside).entries()) found.push(entry.path);
  })();
  await assert.rejects(
    listing,
    (error) => error instanceof SourceError && message.test(error.message),
  );
  assert.deepEqual(found, paths);
  assert.match(await runDirectory(path, inside).stamp(), /^[0-9a-f]{64}$/);
}

describe("a file of a run directory", () => {
  it("is read whole, whatever its size", async () => {
    using scratch = new Scratch();
    const run = runDirectory(scratch.path, inside);
    for (const bytes of [0, 1, 256 * 1024, 256 * 1024 + 1, 1_000_000]) {
      const data = Buffer.alloc(bytes, "0123456789");
      scratch.write("media/image one.png", data);
      const pieces = await Array.fromAsync(await run.file({ path: "media/image one.png" }));
      assert.ok(Buffer.concat(pieces).equals(data));
      assert.ok(pieces.every((piece) => piece.length > 0 && piece.length <= 256 * 1024));
    }
  });

  it("may be a link that stays inside, also through several directories", async () => {
    using scratch = new Scratch();
    scratch.write("run/files/real/x", "content");
    symlinkSync("real", scratch.at("run/files/one"));
    symlinkSync("../run/files/one/x", scratch.at("run/two"));
    symlinkSync(scratch.at("run/files/real/x"), scratch.at("run/absolute"));
    const run = runDirectory(scratch.at("run"), inside);
    for (const path of ["files/real/x", "files/one/x", "two", "absolute", "./files//one/x"]) {
      assert.equal(await content(run, path), "content");
    }
  });

  const leading = [
    "/etc/hostname",
    "../secret",
    "a/../../secret",
    "link",
    "folder/secret",
    "a/long",
  ];
  for (const path of leading) {
    it(`is refused at ${path}, which leads out, unless that is allowed`, async () => {
      using scratch = new Scratch();
      scratch.write("secret", "secret");
      scratch.write("run/a/x");
      symlinkSync("../secret", scratch.at("run/link"));
      symlinkSync("..", scratch.at("run/folder"));
      symlinkSync("../folder/run/../run/link", scratch.at("run/a/long"));
      const error = await refusal(runDirectory(scratch.at("run"), inside), path);
      assert.match(error.message, /outside the run directory/);
      assert.ok(error.message.includes(path));
      assert.match(error.hint ?? "", /--follow-outside/);
      const allowed = runDirectory(scratch.at("run"), anywhere);
      const wanted = path.startsWith("/") ? undefined : "secret";
      assert.equal(
        await content(allowed, path.startsWith("/") ? scratch.at("secret") : path),
        wanted ?? "secret",
      );
    });
  }

  const special = ["pipe", "socket", "folder", "device"];
  for (const path of special) {
    it(`is refused when it is a ${path}, whatever is allowed`, async () => {
      using scratch = new Scratch();
      scratch.fifo("pipe");
      mkdirSync(scratch.at("folder"));
      symlinkSync("/dev/zero", scratch.at("device"));
      const server = await listen(scratch.at("socket"));
      const error = await refusal(runDirectory(scratch.path, anywhere), path);
      await new Promise((resolve) => server.close(resolve));
      assert.match(error.message, /not a plain file/);
      await refusal(runDirectory(scratch.path, inside), path);
    });
  }

  it("is named when it is missing, or no path at all", async () => {
    using scratch = new Scratch();
    scratch.write("file");
    symlinkSync("nowhere", scratch.at("dangling"));
    symlinkSync("loop", scratch.at("loop"));
    const run = runDirectory(scratch.path, inside);
    assert.match((await refusal(run, "media/x.png")).message, /media\/x\.png: it is missing/);
    assert.match((await refusal(run, "dangling")).message, /dangling: it is missing/);
    assert.match((await refusal(run, "loop")).message, /loop: too many links/);
    assert.match((await refusal(run, "file/x")).message, /not a directory/);
    for (const path of ["", "a\0b"]) assert.match((await refusal(run, path)).message, /not a path/);
  });

  it("is only the run itself when that is a lone file", async () => {
    using scratch = new Scratch();
    scratch.write("other", "other");
    const path = scratch.write("run.wandb", "log");
    assert.equal(await content(runDirectory(path, inside), "run.wandb"), "log");
    assert.match((await refusal(runDirectory(path, inside), "other")).message, /lone file/);
    assert.equal(await content(runDirectory(path, anywhere), "other"), "other");
  });

  it("cannot be swapped for one outside while it is opened", async () => {
    using scratch = new Scratch();
    scratch.write("outside/x", "secret");
    scratch.write("run/a/x", "public");
    symlinkSync("../outside", scratch.at("run/link"));
    const run = runDirectory(scratch.at("run"), inside);
    for (let round = 0; round < 300; round++) {
      const reading = content(run, "a/x").catch((error) => error);
      for (let step = 0; step < round % 13; step++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      renameSync(scratch.at("run/a"), scratch.at("run/b"));
      renameSync(scratch.at("run/link"), scratch.at("run/a"));
      const read = await reading;
      assert.ok(read === "public" || read instanceof SourceError, `${read}`);
      renameSync(scratch.at("run/a"), scratch.at("run/link"));
      renameSync(scratch.at("run/b"), scratch.at("run/a"));
    }
  });

  it("fails the stream when it becomes shorter than it was", async () => {
    using scratch = new Scratch();
    const path = scratch.write("x", Buffer.alloc(1_000_000));
    const stream = await runDirectory(scratch.path, inside).file({ path: "x" });
    truncateSync(path, 600_000);
    await assert.rejects(textOf(stream), /became shorter/);
  });

  it("ends where it ended when it was opened, though it grows", async () => {
    using scratch = new Scratch();
    const path = scratch.write("x", "12345");
    const stream = await runDirectory(scratch.path, inside).file({ path: "x" });
    writeFileSync(path, "1234567890");
    assert.equal(await textOf(stream), "12345");
  });

  it("is closed when its stream is cancelled", async () => {
    using scratch = new Scratch();
    scratch.write("x", Buffer.alloc(1_000_000));
    const run = runDirectory(scratch.path, inside);
    const stream = await run.file({ path: "x" });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    assert.equal((await reader.read()).done, true);
  });
});

describe("the stamp of a run directory", () => {
  const changes: readonly (readonly [string, (scratch: Scratch) => void])[] = [
    ["a file grows", (scratch) => scratch.write("a/x", "longer")],
    ["a file is touched", (scratch) => utimesSync(scratch.at("a/x"), 1, 2)],
    ["a file appears", (scratch) => scratch.write("new")],
    ["a file goes", (scratch) => rmSync(scratch.at("b"))],
    ["a link points elsewhere", (scratch) => {
      rmSync(scratch.at("link"));
      symlinkSync("b", scratch.at("link"));
    }],
  ];
  for (const [name, change] of changes) {
    it(`changes when ${name}`, async () => {
      using scratch = new Scratch();
      for (const file of ["a/x", "b"]) scratch.write(file, "x");
      symlinkSync("a", scratch.at("link"));
      const run = runDirectory(scratch.path, inside);
      const before = await run.stamp();
      assert.match(before, /^[0-9a-f]{64}$/);
      assert.equal(await run.stamp(), before);
      change(scratch);
      assert.notEqual(await run.stamp(), before);
    });
  }
});
