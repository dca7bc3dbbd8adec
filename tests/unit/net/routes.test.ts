import assert from "node:assert/strict";
import { createServer } from "node:https";
import { createServer as createPlain } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inScratch } from "../../contract/scratch.ts";
import { HttpClient } from "../../../src/net/client.ts";
import { Routes, type RoutesOptions } from "../../../src/net/routes.ts";
import { fakeContext } from "./fake_context.ts";
import { httpProxy } from "./http_proxy.ts";
import { listen } from "./raw_server.ts";
import { socksServer } from "./socks_server.ts";
import { testCertificate } from "./test_certificate.ts";

function clientWith(options: Partial<RoutesOptions>): HttpClient {
  const routes = new Routes({ proxies: [], insecure: false, environment: {}, ...options });
  return new HttpClient(fakeContext(), { userAgent: "runferry/1", routes });
}

/** Runs `use` with an https server for "swan.lab", its port and the path of its certificate. */
function withHttps(use: (port: number, certificates: string) => Promise<void>): Promise<void> {
  return inScratch(async (folder) => {
    const { path, cert, key } = testCertificate(folder, "swan.lab");
    const server = createServer({ cert, key }, (request, response) => {
      request.resume();
      request.on("end", () => response.end(`${request.method} ${request.url}`));
    });
    const port = await listen(server);
    try {
      await use(port, path);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
}

const ann = { user: "ann", password: "p@ss" };

const proxies = [
  ["an HTTP proxy", () => httpProxy(), "http://"],
  ["an HTTP proxy with a login", () => httpProxy(ann), "http://ann:p%40ss@"],
  ["a SOCKS proxy", () => socksServer(), "socks5h://"],
  ["a SOCKS proxy with a login", () => socksServer(ann), "socks5h://ann:p%40ss@"],
] as const;

for (const [what, start, before] of proxies) {
  test(`https goes through ${what}, with a certificate that was given`, async () => {
    await withHttps(async (port, certificates) => {
      await using proxy = await start();
      const client = clientWith({ proxies: [`${before}127.0.0.1:${proxy.port}`], certificates });
      const url = `https://swan.lab:${port}/a%252F?b`;
      const response = await client.send({ method: "PUT", url, body: "x".repeat(100_000) });
      assert.equal(await response.text(), "PUT /a%252F?b");
      assert.equal(proxy.demands.length, 1);
    });
  });

  test(`a certificate that is not known is refused behind ${what}`, async () => {
    await withHttps(async (port) => {
      await using proxy = await start();
      const client = clientWith({ proxies: [`${before}127.0.0.1:${proxy.port}`] });
      const url = `https://swan.lab:${port}/`;
      await assert.rejects(client.send({ method: "GET", url }), /certificate is self-signed/);
    });
  });

  test(`--insecure takes any certificate behind ${what}`, async () => {
    await withHttps(async (port) => {
      await using proxy = await start();
      const proxies = [`${before}127.0.0.1:${proxy.port}`];
      const client = clientWith({ proxies, insecure: true });
      const response = await client.send({ method: "GET", url: `https://swan.lab:${port}/` });
      assert.equal(await response.text(), "GET /");
    });
  });
}

test("plain http goes through an HTTP proxy with a login", async () => {
  const server = createPlain((request, response) => response.end(request.headers.host));
  const port = await listen(server);
  await using proxy = await httpProxy(ann);
  const client = clientWith({ proxies: [`http://ann:p%40ss@127.0.0.1:${proxy.port}`] });
  const response = await client.send({ method: "GET", url: `http://swan.lab:${port}/` });
  assert.equal(await response.text(), `swan.lab:${port}`);
  server.closeAllConnections();
  server.close();
});

test("a file without a certificate is no file of certificates", async () => {
  const client = clientWith({ certificates: fileURLToPath(import.meta.url) });
  await assert.rejects(
    client.send({ method: "GET", url: "http://127.0.0.1:1/" }),
    /There is no certificate in .*routes\.test\.ts/,
  );
});

test("a file of certificates that is not there is told", async () => {
  const client = clientWith({ certificates: "/no/such.pem" });
  await assert.rejects(
    client.send({ method: "GET", url: "http://127.0.0.1:1/" }),
    /Cannot read the certificates in \/no\/such\.pem \(ENOENT\)/,
  );
});
