import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Answer, type Json, type TestRun, withHost } from "./test_host.ts";

function md5(content: string | Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}

function announced(path: string, content: string): object {
  return { path, size: content.length, md5: md5(content), mimeType: "text/plain" };
}

async function post(run: TestRun, path: string, files: readonly object[]): Promise<Answer> {
  return await run.client.ask("POST", `/experiment/${run.id}/files/${path}`, { files });
}

async function list(run: TestRun): Promise<readonly Json[]> {
  return (await run.client.get(`/experiment/${run.id}/files`)).files;
}

test("a file is announced, sent, completed, and then listed with its hashes", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const prepared = await post(run, "prepare", [announced("src/a.py", "one"), announced("b", "")]);
    const contents = ["one", ""];
    for (const [at, url] of prepared.json.urls.entries()) {
      assert.equal((await client.send("PUT", url, contents[at])).status, 200);
    }
    const done = await post(run, "complete", [
      { path: "src/a.py", state: "UPLOADED" },
      { path: "b", state: "FAILED" },
    ]);
    assert.equal(done.status, 201);
    const [a, b] = await list(run);
    assert.deepEqual([a.path, a.size, a.md5, a.state], ["src/a.py", 3, md5("one"), "UPLOADED"]);
    assert.equal(a.sha256, createHash("sha256").update("one").digest("hex"));
    assert.equal((await client.send("GET", a.url)).text, "one");
    assert.equal(b.state, "FAILED");
  }));

test("a file is complete only when what was announced is there", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const complete = { path: "a", state: "UPLOADED" };
    assert.equal((await post(run, "complete", [complete])).status, 404);
    const { json } = await post(run, "prepare", [announced("a", "right")]);
    assert.equal((await post(run, "complete", [complete])).status, 400);
    assert.equal((await client.send("PUT", json.urls[0], "wrong")).status, 200);
    assert.equal((await post(run, "complete", [complete])).status, 400);
    assert.equal((await client.send("PUT", json.urls[0], "right")).status, 200);
    assert.equal((await post(run, "complete", [complete])).status, 201);
    assert.equal((await post(run, "complete", [{ ...complete, state: "LOST" }])).status, 400);
  }));

test("paths that lead out of a folder are refused", () =>
  withHost(async (client) => {
    const run = await client.begin();
    for (const path of ["/etc/passwd", "../a", "a/../../b", "a//b", "", ".", "a\0b"]) {
      assert.equal((await post(run, "prepare", [announced(path, "x")])).status, 400, path);
    }
  }));

test("a large file arrives in parts, in any order", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const content = "0123456789".repeat(25);
    const { json: { files: [file] } } = await post(run, "prepare-multipart", [
      { ...announced("big.bin", content), count: 3 },
    ]);
    const parts: object[] = [];
    for (const number of [3, 1, 2]) {
      const { url } = file.parts[number - 1];
      const piece = content.slice((number - 1) * 100, number * 100);
      const { headers, status } = await client.send("PUT", url, piece);
      assert.equal(status, 200);
      const etag = headers.get("etag") ?? "";
      assert.equal(etag, `"${md5(piece)}"`);
      parts.push({ partNumber: number, etag: etag.replaceAll('"', "") });
    }
    const complete = { path: "big.bin", uploadId: file.uploadId, parts };
    assert.equal((await post(run, "complete-multipart", [complete])).status, 201);
    assert.equal((await post(run, "complete-multipart", [complete])).status, 201);
    const [{ url, state, sha256 }] = await list(run);
    assert.equal(state, "UPLOADED");
    assert.equal(sha256, createHash("sha256").update(content).digest("hex"));
    assert.equal((await client.send("GET", url)).text, content);
  }));

test("parts that are missing, others than named, or of other lengths make no file", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const content = "abcdefgh";
    const { json: { files: [file] } } = await post(run, "prepare-multipart", [
      { ...announced("x", content), count: 2 },
    ]);
    const complete = (etags: readonly string[]): Promise<Answer> =>
      post(run, "complete-multipart", [{
        path: "x",
        uploadId: file.uploadId,
        parts: etags.map((etag, at) => ({ partNumber: at + 1, etag })),
      }]);
    const put = (number: number, text: string): Promise<Answer> =>
      client.send("PUT", file.parts[number - 1].url, text);
    assert.equal((await put(1, "abcd")).status, 200);
    assert.equal((await complete([md5("abcd"), md5("efgh")])).status, 400);
    assert.equal((await put(2, "fgh")).status, 200);
    assert.equal((await complete([md5("abcd"), md5("fgh")])).status, 400);
    assert.equal((await put(2, "efgh")).status, 200);
    assert.equal((await complete([md5("abcd"), md5("other")])).status, 400);
    assert.equal((await put(1, "abcdefghi")).status, 400);
    assert.equal((await complete([md5("abcd"), md5("efgh")])).status, 201);
  }));
