import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFileSync, mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { describe, it } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { fileError, openFile } from "../../../src/files/byte_source.ts";
import { listen, Scratch } from "./scratch.ts";

/** The SourceError that opening fails with. */
async function refusal(path: string): Promise<SourceError> {
  const error = await openFile(path).then(() => undefined, (reason) => reason);
  assert.ok(error instanceof SourceError, `${error}`);
  assert.ok(error.message.includes(path), error.message);
  assert.match(error.hint ?? "", /^[A-Z].*\.$/);
  return error;
}

describe("openFile", () => {
  it("reads a plain file at any position, and 0 bytes at its end", async () => {
    using scratch = new Scratch();
    await using file = await openFile(scratch.write("a", "0123456789"));
    const into = Buffer.alloc(4);
    assert.equal(file.size, 10);
    assert.equal(await file.read(into, 3), 4);
    assert.equal(into.toString(), "3456");
    assert.equal(await file.read(into, 8), 2);
    assert.equal(await file.read(into, 10), 0);
    assert.equal(await file.read(into, 5_000_000_000), 0);
    assert.equal(await file.read(new Uint8Array(0), 0), 0);
  });

  it("sees a file grow and shrink after it was opened", async () => {
    using scratch = new Scratch();
    const path = scratch.write("a", "01");
    await using file = await openFile(path);
    const into = Buffer.alloc(8);
    appendFileSync(path, "23");
    assert.equal(await file.read(into, 0), 4);
    truncateSync(path, 1);
    assert.equal(await file.read(into, 0), 1);
    assert.equal(file.size, 2);
  });

  it("follows links", async () => {
    using scratch = new Scratch();
    symlinkSync(scratch.write("a", "content"), scratch.at("link"));
    await using file = await openFile(scratch.at("link"));
    assert.equal(file.size, 7);
  });

  it("refuses a FIFO without waiting for its writer", async () => {
    using scratch = new Scratch();
    assert.match((await refusal(scratch.fifo("pipe"))).message, /not a plain file/);
  });

  it("refuses a socket", async () => {
    using scratch = new Scratch();
    const server = await listen(scratch.at("socket"));
    assert.match((await refusal(scratch.at("socket"))).message, /not a plain file/);
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses a device and a directory", async () => {
    using scratch = new Scratch();
    mkdirSync(scratch.at("folder"));
    assert.match((await refusal("/dev/null")).message, /not a plain file/);
    assert.match((await refusal(scratch.at("folder"))).message, /not a plain file/);
  });

  it("names a file that is missing", async () => {
    using scratch = new Scratch();
    assert.match((await refusal(scratch.at("none"))).message, /missing/);
    assert.match((await refusal(scratch.at("none/below"))).message, /missing/);
    symlinkSync("loop", scratch.at("loop"));
    assert.match((await refusal(scratch.at("loop"))).message, /too many links/);
    assert.match((await refusal(scratch.at("n".repeat(300)))).message, /too long/);
  });
});

describe("fileError", () => {
  const words = [
    ["EACCES", /permission denied/, /permission/],
    ["EISDIR", /it is a directory/, /file inside/],
    ["ESTALE", /stale/, /try again/],
    ["EIO", /input\/output/, /disk/],
    ["EMFILE", /too many open files/, /fewer runs/],
  ] as const;
  for (const [code, message, hint] of words) {
    it(`says what ${code} means and what to do`, () => {
      const error = fileError("/some/file", Object.assign(new Error("system"), { code }));
      assert.match(error.message, /\/some\/file/);
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
    });
  }

  it("names a code that it does not know", () => {
    const error = fileError("/f", Object.assign(new Error("system"), { code: "EWEIRD" }));
    assert.match(error.message, /EWEIRD/);
  });

  it("throws on what is no failed system call", () => {
    assert.throws(() => fileError("/f", new TypeError("bug")), TypeError);
  });
});
