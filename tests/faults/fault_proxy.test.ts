import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { test } from "node:test";
import { type Fault, faults, openFaultProxy } from "./fault_proxy.ts";
import { MessageReader } from "./http_message.ts";

/** A host that remembers what it was asked and answers each request with its number. */
interface CountingHost extends AsyncDisposable {
  readonly url: string;
  /** Request lines and bodies. */
  readonly seen: readonly string[];
}

async function openCountingHost(): Promise<CountingHost> {
  const seen: string[] = [];
  const server: Server = createServer(async (socket) => {
    socket.on("error", () => undefined);
    const reader = new MessageReader(socket);
    for (;;) {
      const request = await reader.next("request");
      if (request === undefined) break;
      seen.push(`${request.startLine} ${Buffer.from(request.wire.subarray(request.headBytes))}`);
      const body = `answer ${seen.length}`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    }
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    async [Symbol.asyncDispose](): Promise<void> {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What one request met: its status and body, or "cut off", or "refused". */
async function ask(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    socket.write(`POST ${path} HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nhi`);
    const answer = await new MessageReader(socket).next("answer");
    if (answer === undefined) return "cut off";
    const status = answer.startLine.split(" ")[1];
    return `${status} ${Buffer.from(answer.wire.subarray(answer.headBytes))}`;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ECONNREFUSED" ? "refused" : "cut off";
  } finally {
    socket.destroy();
  }
}

/** What the client meets, and whether the host has seen the request. */
const expected: { readonly [Name in Exclude<Fault, "hang">]: readonly [RegExp, boolean] } = {
  "refuse": [/^cut off$/, false],
  "reset before": [/^cut off$/, false],
  "reset after": [/^cut off$/, true],
  "401": [/^401 .*"code":"Unauthorized"/, false],
  "403": [/^403 .*"code":"Forbidden"/, false],
  "413": [/^413 .*"code":"Payload_Too_Large"/, false],
  "429": [/^429 .*"code":"Too_Many_Requests"/, false],
  "500": [/^500 .*"code":"Internal_Error"/, false],
  "500 after": [/^500 .*"code":"Internal_Error"/, true],
  "503": [/^503 .*"code":"Unavailable"/, false],
  "html": [/^200 <!DOCTYPE html>/, false],
  "redirect": [/^302 /, false],
  "truncated": [/^cut off$/, true],
  "drip": [/^200 answer 2$/, true],
};

for (const [fault, [answer, reached]] of Object.entries(expected)) {
  test(`"${fault}" hits the chosen request and no other`, async () => {
    await using host = await openCountingHost();
    await using proxy = await openFaultProxy({
      target: host.url,
      fault: faults.find((name) => name === fault) ?? "hang",
      at: 1,
    });
    assert.equal(await ask(proxy.url, "/a"), "200 answer 1");
    assert.match(await ask(proxy.url, "/b%252F"), answer);
    assert.equal(host.seen.includes("POST /b%252F HTTP/1.1 hi"), reached);
    await proxy.restore();
    assert.equal(await ask(proxy.url, "/c"), `200 answer ${reached ? 3 : 2}`);
    assert.deepEqual(proxy.requests.map(({ path, bytes }) => [path, bytes]), [
      ["/a", 2],
      ["/b%252F", 2],
      ["/c", 2],
    ]);
    assert.deepEqual(proxy.requests.map((request) => request.fault), [undefined, fault, undefined]);
  });
}

test("after a refusal no connection is accepted until the proxy is restored", async () => {
  await using host = await openCountingHost();
  await using proxy = await openFaultProxy({ target: host.url, fault: "refuse", at: 0 });
  assert.equal(await ask(proxy.url, "/a"), "cut off");
  assert.equal(await ask(proxy.url, "/a"), "refused");
  await proxy.restore();
  assert.equal(await ask(proxy.url, "/a"), "200 answer 1");
});

test("a hanging request ends when the proxy is closed", async () => {
  await using host = await openCountingHost();
  const proxy = await openFaultProxy({ target: host.url, fault: "hang", at: 0 });
  const answer = ask(proxy.url, "/a");
  assert.equal(await ask(proxy.url, "/b"), "200 answer 1");
  await proxy.close();
  assert.equal(await answer, "cut off");
  assert.deepEqual(host.seen, ["POST /b HTTP/1.1 hi"]);
});

test("a fault can be chosen by what is asked, and as often as wanted", async () => {
  await using host = await openCountingHost();
  await using proxy = await openFaultProxy({
    target: host.url,
    fault: "503",
    at: ({ path }) => path.startsWith("/b"),
    times: 2,
  });
  const statuses: (number | undefined)[] = [];
  for (const path of ["/b1", "/a", "/b2", "/b3"]) await ask(proxy.url, path);
  for (const { status } of proxy.requests) statuses.push(status);
  assert.deepEqual(statuses, [503, 200, 503, 200]);
});

test("chunked bodies go through as they came", async () => {
  await using host = await openCountingHost();
  await using proxy = await openFaultProxy({ target: host.url });
  const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  socket.write("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  socket.write("2;note\r\nde\r\n0\r\n\r\n");
  const answer = await new MessageReader(socket).next("answer");
  socket.destroy();
  assert.equal(answer?.startLine, "HTTP/1.1 200 OK");
  assert.deepEqual(host.seen, ["POST /x HTTP/1.1 3\r\nabc\r\n2;note\r\nde\r\n0\r\n\r\n"]);
});
