import assert from "node:assert/strict";
import { test } from "node:test";
import { timeOf, withHost } from "./test_host.ts";

test("media points come back with their paths, captions and times", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const points = [5, 0].map((index) => ({
      key: "images",
      index,
      data: [`media/image/00${index}-a.png`, "media/image/b.png"],
      more: [{ caption: `at ${index}` }, null],
      create_time: timeOf(index),
    }));
    assert.equal((await run.send("media", points)).status, 200);
    assert.equal((await run.send("media", points)).status, 200);
    const columns = ["images", "none"].map((key) => ({ experimentId: run.id, key }));
    const [images, none] = await client.post("/house/metrics/f_media", { columns });
    assert.equal(none, null);
    assert.deepEqual(images.metrics.map(({ index }: { index: number }) => index), [0, 5]);
    assert.deepEqual(images.metrics[1], {
      index: 5,
      data: ["media/image/005-a.png", "media/image/b.png"],
      more: [{ caption: "at 5" }, null],
      timestamp: Date.UTC(2026, 0, 1) + 5250,
    });
    const last = await client.post("/house/metrics/media", { columns });
    assert.deepEqual([last.steps, last.step], [[0, 5], 5]);
    assert.deepEqual(last.metrics[0].more, [{ caption: "at 5" }, null]);
    const first = await client.post("/house/metrics/media", { columns, step: 0 });
    assert.deepEqual(first.metrics[0].data, ["media/image/000-a.png", "media/image/b.png"]);
    assert.equal((await client.post("/house/metrics/media", { columns, step: 3 })).metrics, null);
    const summary = await client.get(`/house/metrics/summaries/${run.project}/${run.id}?all=True`);
    assert.deepEqual(summary.media, [{ key: "images", step: 5 }]);
    const { keys } = await client.post("/house/metrics/media/keys", {
      experiments: [{ experimentId: run.id }],
    });
    assert.deepEqual(keys, ["images"]);
  }));

test("objects come back byte for byte, whole or in part", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
    assert.equal((await run.put("media/image/a.png", bytes)).status, 200);
    const { urls } = await client.post("/resources/presigned/get", {
      prefix: `${run.project}/${run.id}`,
      paths: ["media/image/a.png"],
    });
    const whole = await fetch(urls[0]);
    assert.equal(whole.headers.get("content-type"), "image/png");
    assert.equal(whole.headers.get("content-length"), "300000");
    assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), bytes);
    const part = await fetch(urls[0], { headers: { range: "bytes=10-19" } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), "bytes 10-19/300000");
    assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.subarray(10, 20));
    const beyond = await fetch(urls[0], { headers: { range: "bytes=300000-" } });
    assert.equal(beyond.status, 416);
    await beyond.body?.cancel();
  }));

test("any path holds an object, and a later one replaces it", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const paths = ["train%2Fimg/image-step0.png", "a b/ü?&#.json", "..a/.b", "a//b", "%"];
    for (const path of paths) {
      assert.equal((await run.put(path, `old ${path}`)).status, 200, path);
      assert.equal((await run.put(path, `new ${path}`)).status, 200, path);
    }
    for (const path of paths) assert.equal((await run.object(path)).text, `new ${path}`);
    assert.equal((await run.put("empty", "")).status, 200);
    const empty = await run.object("empty");
    assert.deepEqual([empty.status, empty.text], [200, ""]);
    assert.equal((await run.object("none")).status, 404);
    for (const path of ["", "../../up", "a/./b", "a\0b", "a\ud800b", "x".repeat(4097)]) {
      const { status } = await client.ask("POST", "/resources/presigned/put", {
        experimentId: run.id,
        paths: [path],
      });
      assert.equal(status, 400, path);
    }
  }));

test("a signed address is good for its method, its path and an hour", () => {
  let clock = 0;
  return withHost(async (client) => {
    const run = await client.begin();
    const { urls: [put] } = await client.post("/resources/presigned/put", {
      experimentId: run.id,
      paths: ["key%2Fname/a.png"],
    });
    assert.ok(put.includes("key%252Fname/a.png"), put);
    const table = [
      ["GET", put],
      ["PUT", put.replace("a.png", "b.png")],
      ["PUT", put.replace("%252F", "%2F")],
      ["PUT", put.replace(/expires=\d+/, "expires=99999999999")],
      ["PUT", put.replace(/signature=.*/, "")],
      ["PUT", put.split("?")[0]],
      ["PUT", `${put}0`],
    ] as const;
    for (const [method, url] of table) {
      const { status, reason } = await client.send(method, url, method === "GET" ? undefined : "x");
      assert.deepEqual([status, reason], [403, "Forbidden"], `${method} ${url}`);
    }
    assert.equal((await client.send("PUT", put, "x")).status, 200);
    clock = 2 * 60 * 60 * 1000;
    const { status, json } = await client.send("PUT", put, "x");
    assert.deepEqual([status, json.message], [403, "The address is no longer valid"]);
  }, { now: () => Date.UTC(2026, 0, 1) + clock });
});

test("addresses lead to where the client reaches the host", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const table = [
      [{}, client.url],
      [{ "x-forwarded-proto": "https", "x-forwarded-host": "lab.example" }, "https://lab.example"],
      [{
        "x-forwarded-proto": "https, http",
        "x-forwarded-host": "lab.example:8443, inner",
        "x-forwarded-prefix": "/swan/",
      }, "https://lab.example:8443/swan"],
    ] as const;
    for (const [headers, base] of table) {
      const { json } = await client.ask(
        "POST",
        "/resources/presigned/put",
        { experimentId: run.id, paths: ["a"] },
        headers as { [name: string]: string },
      );
      assert.ok(json.urls[0].startsWith(`${base}/api/signed/object/${run.id}/a?`), json.urls[0]);
    }
  }));

test("behind a proxy the host goes by its own address, with its path or without", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const { urls: [url] } = await client.post("/resources/presigned/put", {
      experimentId: run.id,
      paths: ["a%2Fb"],
    });
    assert.ok(url.startsWith("https://lab.example/runs/api/signed/"), url);
    const path = url.slice("https://lab.example/runs".length);
    assert.equal((await client.send("PUT", `${client.url}${path}`, "x")).status, 200);
    assert.equal((await client.send("PUT", `${client.url}/runs${path}`, "x")).status, 200);
    assert.equal((await client.send("GET", `${client.url}/runs/api`)).text, "OK");
  }, { baseUrl: "https://lab.example/runs/" }));
