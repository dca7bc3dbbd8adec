import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Client, timeOf, withHost } from "./test_host.ts";

/** A connection on which a text was sent. */
function speak({ url }: Client, text: string): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}

/** All that comes back until the connection is closed. */
async function heard(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (piece) => text += String(piece));
  if (!socket.closed) await once(socket, "close");
  return text;
}

/** What comes back first; nothing when the connection is closed instead. */
function firstHeard(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (piece) => resolve(String(piece)));
    socket.once("close", () => resolve(""));
  });
}

test("bodies that are too long, packed, or no JSON are refused, and nothing of them is kept", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const item = { key: "x", index: 0, data: 1, create_time: timeOf(0) };
    const body = { experimentId: run.id, type: "scalar", metrics: [item] };
    const text = JSON.stringify(body);
    const long = JSON.stringify({ ...body, pad: "x".repeat(5000) });
    const table = [
      [text, {}, 200, "OK"],
      [long, {}, 413, "Payload Too Large"],
      [text, { "content-encoding": "identity" }, 200, "OK"],
      [gzipSync(text), { "content-encoding": "gzip" }, 415, "Unsupported Media Type"],
      [text, { "content-encoding": "br" }, 415, "Unsupported Media Type"],
      [`${text}}`, {}, 400, "Bad Request"],
      [text.slice(0, -3), {}, 400, "Bad Request"],
      ["[".repeat(2000), {}, 400, "Bad Request"],
      ["[]", {}, 400, "Bad Request"],
      ["7", {}, 400, "Bad Request"],
      ["", {}, 400, "Bad Request"],
    ] as const;
    for (const [body, headers, status, reason] of table) {
      const answer = await client.ask("POST", "/house/metrics", body, headers);
      assert.deepEqual([answer.status, answer.reason], [status, reason], answer.text);
    }
    const object = await run.put("a", "x".repeat(10_001));
    assert.deepEqual([object.status, object.json.code], [413, "Payload_Too_Large"]);
    assert.equal((await run.object("a")).status, 404);
    assert.equal((await run.put("a", "x".repeat(10_000))).status, 200);
  }, { limits: { jsonBytes: 4000, objectBytes: 10_000 } }));

test("a body that is cut off is no body", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const { urls: [url] } = await client.post("/resources/presigned/put", {
      experimentId: run.id,
      paths: ["cut"],
    });
    const { pathname, search } = new URL(url);
    const heads = [
      "Content-Length: 100\r\n\r\nabc",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ];
    for (const head of heads) {
      const socket = speak(client, `PUT ${pathname}${search} HTTP/1.1\r\nHost: x\r\n${head}`);
      socket.end();
      await heard(socket);
      // Whatever was made of it is done by the time that these are.
      for (const path of ["a", "b", "c"]) assert.equal((await run.put(path, path)).status, 200);
      assert.equal((await run.object("cut")).status, 404, head);
    }
  }));

test("whoever is slow, or silent, is cut off; the others are served", () =>
  withHost(async (client) => {
    const slow = [
      "GET /api HTTP/1.1\r\nHo",
      "POST /api/house/metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
      "",
    ].map((text) => heard(speak(client, text)));
    assert.equal((await client.ask("GET", "")).text, "OK");
    for (const text of await Promise.all(slow)) assert.doesNotMatch(text, / 200 /);
    assert.equal((await client.ask("GET", "")).text, "OK");
  }, { limits: { headersMs: 1000, silenceMs: 1000 } }));

test("there are only so many connections", () =>
  withHost(async (client) => {
    const head = "GET /api HTTP/1.1\r\nHost: x\r\n";
    const sockets = Array.from({ length: 12 }, () => speak(client, head));
    const answers = await Promise.all(sockets.map((socket) => {
      socket.write("\r\n");
      return firstHeard(socket);
    }));
    for (const socket of sockets) socket.destroy();
    const open = answers.filter((text) => text.startsWith("HTTP/1.1 200")).length;
    assert.ok(open >= 1 && open <= 8, `${open} were served`);
  }, { limits: { connections: 8 } }));

test("methods and addresses that there are not are refused alike", () =>
  withHost(async (client) => {
    const table = [
      ["GET", "/../../etc/passwd"],
      ["GET", "/signed/object/../../x"],
      ["PATCH", "/project/ada"],
      ["GET", "/project/ada/%2e%2e/runs/x"],
      ["GET", "/project/ada/%00/runs/x"],
      ["POST", "/house/internal"],
    ] as const;
    for (const [method, path] of table) {
      const { status, json } = await client.ask(method, path);
      assert.ok([403, 404].includes(status), `${method} ${path}: ${status}`);
      assert.match(json.code, /^[A-Z][A-Za-z_]+$/);
    }
  }));
