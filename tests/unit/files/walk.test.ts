import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { describe, it } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { walk, type WalkedPlace } from "../../../src/files/walk.ts";
import { listen, Scratch } from "./scratch.ts";

async function places(
  root: string,
  shallow: readonly string[] = [],
): Promise<readonly WalkedPlace[]> {
  const found: WalkedPlace[] = [];
  for await (const place of walk(root)) {
    found.push(place);
    if (shallow.includes(relative(root, place.path))) place.deeper = false;
  }
  return found;
}

function paths(found: readonly WalkedPlace[], root: string): string[] {
  return found.map(({ path }) => relative(root, path));
}

describe("walk", () => {
  it("goes through a tree depth-first in order of name", async () => {
    using scratch = new Scratch();
    for (const name of ["b/2/x", "b/1/x", "b-/x", "a/x", "ä/x", "B/x"]) scratch.write(name);
    const found = await places(scratch.path);
    assert.deepEqual(paths(found, scratch.path), ["", "B", "a", "b", "b/1", "b/2", "b-", "ä"]);
    assert.deepEqual(found[3]?.entries, [
      { name: "1", kind: "directory" },
      { name: "2", kind: "directory" },
    ]);
    assert.deepEqual(found[2]?.entries, [{ name: "x", kind: "file" }]);
  });

  it("does not go below a place when told not to", async () => {
    using scratch = new Scratch();
    for (const name of ["a/b/c/x", "d/x"]) scratch.write(name);
    const found = await places(scratch.path, ["a/b"]);
    assert.deepEqual(paths(found, scratch.path), ["", "a", "a/b", "d"]);
  });

  it("yields a lone file as a place without entries", async () => {
    using scratch = new Scratch();
    const path = scratch.write("a");
    assert.deepEqual(await places(path), [{ path, kind: "file", entries: [], deeper: true }]);
  });

  it("resolves a link at its root", async () => {
    using scratch = new Scratch();
    scratch.write("real/x");
    symlinkSync("real", scratch.at("link"));
    assert.deepEqual(paths(await places(scratch.at("link")), scratch.path), ["real"]);
  });

  it("visits a directory once, however many links lead to it", async () => {
    using scratch = new Scratch();
    scratch.write("tree/z/x");
    symlinkSync("z", scratch.at("tree/latest"));
    symlinkSync("z", scratch.at("tree/again"));
    symlinkSync(".", scratch.at("tree/self"));
    symlinkSync("..", scratch.at("tree/z/up"));
    symlinkSync("../..", scratch.at("tree/z/further up"));
    symlinkSync("/", scratch.at("tree/z/everything"));
    const found = await places(scratch.at("tree"));
    assert.deepEqual(paths(found, scratch.at("tree")), ["", "z"]);
  });

  it("follows a link out of the tree when it leads to a directory, once", async () => {
    using scratch = new Scratch();
    scratch.write("scratch disk/run/x");
    mkdirSync(scratch.at("tree"));
    symlinkSync("../scratch disk", scratch.at("tree/one"));
    symlinkSync(scratch.at("scratch disk"), scratch.at("tree/two"));
    const found = await places(scratch.at("tree"));
    assert.deepEqual(paths(found, scratch.path), ["tree", "scratch disk", "scratch disk/run"]);
  });

  it("counts a link as what it points to, and anything else as other", async () => {
    using scratch = new Scratch();
    scratch.write("file");
    mkdirSync(scratch.at("folder"));
    symlinkSync("file", scratch.at("to file"));
    symlinkSync("folder", scratch.at("to folder"));
    symlinkSync("nowhere", scratch.at("to nothing"));
    symlinkSync("to itself", scratch.at("to itself"));
    symlinkSync("/dev/null", scratch.at("to device"));
    linkSync(scratch.at("file"), scratch.at("hard link"));
    scratch.fifo("pipe");
    const server = await listen(scratch.at("socket"));
    const [top] = await places(scratch.path);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(top?.entries.map(({ name, kind }) => [name, kind]), [
      ["file", "file"],
      ["folder", "directory"],
      ["hard link", "file"],
      ["pipe", "other"],
      ["socket", "other"],
      ["to device", "other"],
      ["to file", "file"],
      ["to folder", "directory"],
      ["to itself", "other"],
      ["to nothing", "other"],
    ]);
  });

  it("tells names that are not valid UTF-8 apart, as a problem", async () => {
    using scratch = new Scratch();
    scratch.write("good");
    scratch.write("with \ufffd in it");
    writeFileSync(Buffer.from(`${scratch.path}/bad\xff`, "latin1"), "");
    const [top] = await places(scratch.path);
    assert.deepEqual(top?.entries.map(({ name }) => name), ["good", "with \ufffd in it"]);
    assert.match(top?.problem?.message ?? "", /"bad\ufffd".*not valid UTF-8/);
  });

  it("yields a directory that vanished as a problem, and goes on", async () => {
    using scratch = new Scratch();
    for (const name of ["a/x", "b/x", "c/x"]) scratch.write(name);
    const found: WalkedPlace[] = [];
    for await (const place of walk(scratch.path)) {
      found.push(place);
      rmSync(scratch.at("b"), { recursive: true, force: true });
    }
    assert.deepEqual(paths(found, scratch.path), ["", "a", "b", "c"]);
    assert.deepEqual(found.map(({ problem }) => problem instanceof SourceError), [
      false,
      false,
      true,
      false,
    ]);
  });

  it("refuses a root that is missing, or a FIFO", async () => {
    using scratch = new Scratch();
    await assert.rejects(places(scratch.at("none")), /Cannot read .*none: it is missing/);
    await assert.rejects(places(scratch.fifo("pipe")), /neither a file nor a directory/);
  });

  it("ends early when it is cancelled", async () => {
    using scratch = new Scratch();
    for (const name of ["a/x", "b/x"]) scratch.write(name);
    const controller = new AbortController();
    const found: string[] = [];
    for await (const place of walk(scratch.path, { signal: controller.signal })) {
      found.push(place.path);
      controller.abort();
    }
    assert.deepEqual(found, [scratch.path]);
  });
});
