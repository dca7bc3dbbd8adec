import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { CancelledError, DestinationError, SourceError } from "../../../src/errors.ts";
import { HttpClient, type HttpRequest } from "../../../src/net/client.ts";
import type { HttpResponse } from "../../../src/net/response.ts";
import { NetworkError } from "../../../src/net/network_error.ts";
import { fakeContext } from "./fake_context.ts";
import { closedPort, rawServer } from "./raw_server.ts";

const client = new HttpClient(fakeContext(), { userAgent: "runferry/1.2.3" });

/** An answer that ends the connection. */
function answer(head: string, body = ""): string {
  const lines = ["HTTP/1.1 " + head, `Content-Length: ${body.length}`, "Connection: close"];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** What a server receives when this is asked of it, once it has all of the body. */
async function received(request: Omit<HttpRequest, "url">, path = "/"): Promise<string> {
  await using server = await rawServer((socket, first) => {
    let text = first;
    const answerIfWhole = (): void => {
      const [head = "", body = ""] = text.split("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(head)?.[1] ?? "0";
      if (body.length === Number(length)) socket.end(answer("200 OK"));
    };
    answerIfWhole();
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      answerIfWhole();
    });
  });
  const response = await client.send({ ...request, url: server.url + path });
  await response.discard();
  return server.received.join("\n");
}

/** Asks a server that does this, and gives what it answers to `use`. */
async function ask<Result>(
  act: (socket: Socket) => void,
  use: (response: HttpResponse) => Promise<Result>,
  request: Partial<HttpRequest> = {},
): Promise<Result> {
  await using server = await rawServer(act);
  const response = await client.send({ method: "GET", ...request, url: `${server.url}/a?sig=xyz` });
  return await use(response);
}

async function failure(promise: Promise<unknown>): Promise<NetworkError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof NetworkError, String(error));
  assert.equal(error.code, "transient");
  assert.match(error.hint ?? "", /^[A-Z].*\.$/);
  return error;
}

function stream(...pieces: readonly (string | Error)[]): ReadableStream<Uint8Array> {
  const rest = [...pieces];
  return new ReadableStream({
    pull(controller): void {
      const piece = rest.shift();
      if (piece === undefined) controller.close();
      else if (typeof piece === "string") controller.enqueue(new TextEncoder().encode(piece));
      else controller.error(piece);
    },
  });
}

describe("what is sent", () => {
  it("keeps the escapes of a presigned URL as they are", async () => {
    const paths = [
      "/a%252Fb%2Fc%20d/e+f?X-Sig=%2B%2f%3D&name=%E4%BD%A0%252F",
      "/~user/(x)!*;,=:@&$?q=a%27b",
      "/double//slash/?a=/b?c",
    ];
    for (const path of paths) {
      const text = await received({ method: "PUT", body: "x" }, path);
      assert.equal(text.split("\r\n")[0], `PUT ${path} HTTP/1.1`);
    }
  });

  it("names the program, and the length of any body", async () => {
    const bodies: readonly Pick<HttpRequest, "body" | "length">[] = [
      { body: "hello" },
      { body: new TextEncoder().encode("hello") },
      { body: stream("hel", "lo"), length: 5 },
    ];
    for (const body of bodies) {
      const text = await received({ method: "POST", ...body, headers: { authorization: "k" } });
      assert.match(text, /^user-agent: runferry\/1\.2\.3\r$/im);
      assert.match(text, /^authorization: k\r$/im);
      assert.match(text, /^content-length: 5\r$/im);
      assert.match(text, /\r\n\r\nhello$/);
    }
  });

  it("is refused when it is no address", async () => {
    for (const url of ["", "api.swanlab.cn", "http://", "http://127.0.0.1:99999/"]) {
      await assert.rejects(client.send({ method: "GET", url }), DestinationError);
    }
  });
});

describe("a stream as a body", () => {
  it("that is not as long as said fails as such", async () => {
    for (const length of [3, 10]) {
      const body = stream("hel", "lo");
      const sent = ask((socket) => socket.resume(), (response) => response.text(), {
        method: "PUT",
        body,
        length,
      });
      await assert.rejects(sent, SourceError);
    }
  });

  it("that fails makes the request fail for just that reason", async () => {
    const broken = new SourceError("The disk is broken");
    const sent = ask((socket) => socket.resume(), (response) => response.text(), {
      method: "PUT",
      body: stream("hel", broken),
      length: 10,
    });
    await assert.rejects(sent, broken);
  });

  it("is let go of when nobody takes it", async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(2 ** 16)),
      cancel(): void {
        isCancelled = true;
      },
    });
    const url = `http://127.0.0.1:${await closedPort()}/`;
    await failure(client.send({ method: "PUT", url, body }));
    assert.ok(isCancelled);
  });
});

describe("an answer", () => {
  it("has a status, its phrase, and the trace", async () => {
    const act = (socket: Socket): void => {
      socket.end("HTTP/1.1 404 Disabled Resource\r\ntraceid: t-1\r\nContent-Length: 4\r\n\r\nbody");
    };
    await ask(act, async (response) => {
      assert.equal(response.status, 404);
      assert.equal(response.reason, "Disabled Resource");
      assert.equal(response.trace, "t-1");
      assert.equal(await response.text(), "body");
    });
  });

  it("that redirects is given as it is", async () => {
    for (const status of ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"]) {
      await using other = await rawServer((socket) => socket.end(answer("200 OK")));
      const head = `${status}\r\nLocation: ${other.url}/`;
      await ask((socket) => socket.end(answer(head)), async (response) => {
        assert.equal(response.status, Number(status.slice(0, 3)));
        assert.equal(response.headers.get("location"), `${other.url}/`);
        await response.discard();
      }, { method: "POST", body: "secret" });
      assert.deepEqual(other.received, []);
    }
  });

  it("that comes before the body is taken is not lost", async () => {
    const request = { method: "POST", body: "x".repeat(2 ** 24) } as const;
    const act = (socket: Socket): void => void socket.write(answer("413 Too Large", "no"));
    assert.equal(await ask(act, (response) => response.text(), request), "no");
  });

  it("is cut to the length that is asked for", async () => {
    const act = (socket: Socket): void => void socket.end(answer("200 OK", "x".repeat(2 ** 20)));
    assert.equal(await ask(act, (response) => response.text(10)), "x".repeat(10));
  });

  it("is JSON, with integers of any size", async () => {
    const act = (socket: Socket): void =>
      void socket.end(answer("200 OK", '{"a":12345678901234567890}'));
    assert.deepEqual(await ask(act, (response) => response.json()), { a: 12345678901234567890n });
  });

  it("that is not JSON is unexpected", async () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ["<!DOCTYPE html><p>Log in", /answered 200 OK with a web page instead of JSON, trace t-2$/],
      ["\n  <html>", /a web page/],
      ["", /nothing instead of JSON/],
      ['{"a":', /something that is not JSON/],
      [`["${"x".repeat(200)}"]`, /more than 100 bytes/],
    ];
    for (const [body, message] of table) {
      const act = (socket: Socket): void => void socket.end(answer("200 OK\r\ntraceid: t-2", body));
      const json = ask(act, (response) => response.json(100));
      await assert.rejects(json, { code: "transient", message });
    }
  });
});

describe("a failure", () => {
  it("tells when the request cannot have been seen", async () => {
    const refused = await failure(
      client.send({ method: "GET", url: `http://127.0.0.1:${await closedPort()}/a?sig=xyz` }),
    );
    assert.equal(refused.reached, false);
    assert.match(refused.message, /^GET http:\/\/127\.0\.0\.1:\d+\/a failed: nothing listens/);
    await using server = await rawServer((socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"));
    const url = server.url.replace("http", "https");
    const noTls = await failure(client.send({ method: "GET", url }));
    assert.equal(noTls.reached, false);
    assert.match(noTls.message, /does not speak TLS/);
  });

  it("tells when the request may have been seen", async () => {
    const table: readonly (readonly [string, (socket: Socket) => void])[] = [
      ["reset", (socket) => void socket.resetAndDestroy()],
      ["closed", (socket) => void socket.end()],
      ["garbage", (socket) => void socket.end("garbage\r\n\r\n")],
      ["half a head", (socket) => void socket.end("HTTP/1.1 200 OK\r\nConte")],
    ];
    for (const [name, act] of table) {
      const error = await failure(ask(act, (response) => response.text()));
      assert.equal(error.reached, true, name);
      assert.doesNotMatch(error.message, /xyz/);
    }
  });

  it("is noticed when the body is cut off", async () => {
    const gzip = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48";
    const table: readonly (readonly [string, (socket: Socket) => void])[] = [
      ["short", (socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")],
      [
        "chunk missing",
        (socket) =>
          void socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"),
      ],
      [
        "compressed",
        (socket) =>
          void socket.end(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${gzip}`, "latin1"),
      ],
    ];
    for (const [name, act] of table) {
      for (const read of ["text", "json", "stream", "discard"] as const) {
        const use = async (response: HttpResponse): Promise<unknown> =>
          read === "stream" ? await Array.fromAsync(response.stream()) : await response[read]();
        const error = await failure(ask(act, use));
        assert.equal(error.reached, true, `${name} ${read}`);
        assert.doesNotMatch(error.message, /xyz/);
      }
    }
  });

  it("is silence, before the answer or within it", async () => {
    const silent = await failure(ask(() => {}, (response) => response.text(), { timeout: 20 }));
    assert.match(silent.message, /nothing came for 0\.02 seconds/);
    assert.equal(silent.reached, true);
    const half = (socket: Socket): void => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
    };
    const stalled = await failure(ask(half, (response) => response.text(), { timeout: 20 }));
    assert.match(stalled.message, /nothing came/);
  });

  it("is an answer that never gets anywhere", async () => {
    const drip = (socket: Socket): void => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
      const timer = setInterval(() => socket.write("x"), 5);
      socket.on("close", () => clearInterval(timer));
    };
    const error = await failure(ask(drip, (response) => response.text(), { timeout: 40 }));
    assert.match(error.message, /nothing came/);
  });

  it("is no failure but a wish when the user cancels", async () => {
    const half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab";
    for (const sent of ["", half]) {
      const context = fakeContext();
      const impatient = new HttpClient(context, { userAgent: "x" });
      await using server = await rawServer((socket) => {
        socket.write(sent, () => context.cancel());
      });
      const reading = impatient.send({ method: "GET", url: server.url })
        .then((response) => response.text());
      await assert.rejects(reading, CancelledError);
      await assert.rejects(impatient.send({ method: "GET", url: server.url }), CancelledError);
      assert.equal(server.received.length, 1);
    }
  });

  it("leads to no second request with a body on its own", async () => {
    let answers = 0;
    await using server = await rawServer((socket) => {
      socket.on("data", () => {
        if (answers++ === 0) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        else socket.destroy();
      });
      if (answers++ === 0) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    const post = { method: "POST", url: server.url, body: "x" } as const;
    await (await client.send(post)).discard();
    await failure(client.send(post));
    const requests = server.received.join("").match(/POST/g) ?? [];
    assert.equal(requests.length, 2);
  });
});
