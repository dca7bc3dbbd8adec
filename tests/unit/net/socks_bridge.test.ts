import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { HttpClient } from "../../../src/net/client.ts";
import { NetworkError } from "../../../src/net/network_error.ts";
import { Routes } from "../../../src/net/routes.ts";
import { fakeContext } from "./fake_context.ts";
import { closedPort, listen } from "./raw_server.ts";
import { socksServer } from "./socks_server.ts";

function clientWith(proxy: string): HttpClient {
  const routes = new Routes({ proxies: [proxy], insecure: false, environment: {} });
  return new HttpClient(fakeContext(), { userAgent: "runferry/1", routes });
}

/** A server that tells what it was asked. */
async function echoServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => {
    const pieces: Uint8Array[] = [];
    request.on("data", (piece: Uint8Array) => pieces.push(piece));
    request.on("end", () => {
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
      response.end(JSON.stringify({ url: request.url, headers: request.headers, bytes }));
    });
  });
  const port = await listen(server);
  return {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const logins = [
  ["without a login", undefined, ""],
  ["with a login", { user: "ann", password: "p@ss:w/rd%" }, "ann:p%40ss%3Aw%2Frd%25@"],
] as const;

for (const [what, login, written] of logins) {
  for (const scheme of ["socks", "socks5", "socks5h"]) {
    test(`requests go through a ${scheme} proxy ${what}`, async () => {
      await using server = await echoServer();
      await using socks = await socksServer(login);
      const client = clientWith(`${scheme}://${written}127.0.0.1:${socks.port}`);
      const url = `http://swan.lab:${server.port}/a%252F//b?x=1`;
      for (const body of ["abc", "x".repeat(3_000_000)]) {
        const response = await client.send({ method: "POST", url, body });
        const told = JSON.parse(await response.text());
        assert.equal(told.url, "/a%252F//b?x=1");
        assert.equal(told.bytes, body.length);
        assert.equal(told.headers.host, `swan.lab:${server.port}`);
        assert.equal(told.headers["proxy-authorization"], undefined);
      }
      assert.deepEqual(socks.demands[0], { dstAddr: "swan.lab", dstPort: server.port });
    });
  }
}

test("a SOCKS proxy that is not there is named as the reason", async () => {
  const port = await closedPort();
  const client = clientWith(`socks5://127.0.0.1:${port}`);
  await assert.rejects(client.send({ method: "GET", url: "http://swan.lab/" }), (error) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, new RegExp(`proxy socks5://127.0.0.1:${port} cannot be reached`));
    assert.equal(error.reached, false);
    return true;
  });
});

test("a wrong login to a SOCKS proxy is told without the password", async () => {
  await using socks = await socksServer({ user: "ann", password: "right" });
  const client = clientWith(`socks5h://ann:wrong-one@127.0.0.1:${socks.port}`);
  await assert.rejects(client.send({ method: "GET", url: "https://swan.lab/" }), (error) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, /socks5h:\/\/127\.0\.0\.1:\d+ does not connect to swan\.lab:443/);
    assert.doesNotMatch(error.message + error.hint, /wrong-one/);
    return true;
  });
});
