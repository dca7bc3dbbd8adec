import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseAddress } from "../../../adapters/destinations/swanlab/address.ts";
import { contentType } from "../../../adapters/destinations/swanlab/content_type.ts";
import { plainProjectName } from "../../../adapters/destinations/swanlab/project_name.ts";
import { copyId, isAccepted, wantedId } from "../../../adapters/destinations/swanlab/run_id.ts";
import { ConfigError, UsageError } from "../../../src/errors.ts";

describe("the id of a run", () => {
  it("is its own where every server takes it", () => {
    for (const id of ["abc", "run-20260101_120000-ab12", "ünï", "x".repeat(512), "a b"]) {
      assert.equal(wantedId(id, "auto"), id);
      assert.equal(isAccepted(id), true);
    }
  });

  it("is always the same other one where a server would refuse it", () => {
    for (const id of ["", "a/b", "a:b", "a?b", "a#b", "50%", "a\nb", "x".repeat(513)]) {
      assert.match(wantedId(id, "auto"), /^[0-9a-f]{21}$/, id);
      assert.equal(wantedId(id, "auto"), wantedId(id, "auto"));
      assert.equal(isAccepted(id), false);
    }
    assert.notEqual(wantedId("a/b", "auto"), wantedId("a/c", "auto"));
  });

  it("is what the user chose, or a fresh one each time", () => {
    assert.equal(wantedId("own", { id: "chosen" }), "chosen");
    assert.match(wantedId("own", "new"), /^[0-9a-f]{21}$/);
    assert.notEqual(wantedId("own", "new"), wantedId("own", "new"));
  });

  it("of a copy depends on the run and on the project, and on nothing else", () => {
    const copies = [
      copyId("run", { workspace: "w", name: "p" }),
      copyId("run", { workspace: "w", name: "q" }),
      copyId("run", { workspace: "v", name: "p" }),
      copyId("other", { workspace: "w", name: "p" }),
    ];
    assert.equal(new Set(copies).size, copies.length);
    for (const copy of copies) assert.match(copy, /^[0-9a-f]{21}$/);
    assert.equal(copyId("run", { workspace: "w", name: "p" }), copies[0]);
  });
});

describe("the name of a project", () => {
  it("is made of what servers take", () => {
    const table: readonly (readonly [string, string])[] = [
      ["my-project", "my-project"],
      ["a_b+c.d", "a_b+c.d"],
      ["my project / two", "my-project-two"],
      ["", "uncategorized"],
      ["日本語", "uncategorized"],
      ["---", "uncategorized"],
      ["x".repeat(200), "x".repeat(100)],
    ];
    for (const [name, plain] of table) assert.equal(plainProjectName(name), plain);
  });

  it("is always one that they take, and stays what it is", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 150 }), (name) => {
      const plain = plainProjectName(name);
      assert.match(plain, /^[0-9a-zA-Z_+.-]{1,100}$/);
      assert.equal(plainProjectName(plain), plain);
    }));
  });
});

describe("the address of a SwanLab host", () => {
  it("names a host, and perhaps a workspace and a project", () => {
    const cloud = "https://api.swanlab.cn";
    const table: readonly (readonly [string, string | undefined, string?, string?])[] = [
      ["swanlab", cloud],
      ["swanlab/@me", cloud, "me"],
      ["swanlab/@me/", cloud, "me"],
      ["swanlab/@me/mine", cloud, "me", "mine"],
      ["https://h.example", "https://h.example"],
      ["HTTPS://h.example/api/", "https://h.example"],
      ["http://h:8000/below/@team/p.q", "http://h:8000/below", "team", "p.q"],
      ["https://swanlab.cn/@me/p", cloud, "me", "p"],
      ["./archive", undefined],
      ["archive:/x", undefined],
      ["swanlab2", undefined],
      ["./swanlab", undefined],
    ];
    for (const [text, url, workspace, project] of table) {
      const address = parseAddress(text);
      assert.equal(address?.host.url, url, text);
      assert.equal(address?.workspace, workspace, text);
      assert.equal(address?.project, project, text);
    }
  });

  it("is refused where what follows the host is no workspace and project", () => {
    for (const text of ["swanlab/@", "swanlab/@/p", "https://h/@w//", "https://h/@w/p/runs/x"]) {
      assert.throws(() => parseAddress(text), UsageError, text);
    }
    assert.throws(() => parseAddress("https://user:hunter2@h"), (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
});

describe("the content type of a file", () => {
  it("comes from the ending of its name, in either case", () => {
    const table: readonly (readonly [string, string])[] = [
      ["media/image/001-ab.png", "image/png"],
      ["A.JPG", "image/jpeg"],
      ["x.swanlab.pts.json", "application/json"],
      ["noending", "application/octet-stream"],
      ["x.constructor", "application/octet-stream"],
      ["x.", "application/octet-stream"],
    ];
    for (const [path, type] of table) assert.equal(contentType(path), type, path);
  });
});
