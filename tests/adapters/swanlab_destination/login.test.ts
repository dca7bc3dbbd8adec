import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { logIn } from "../../../adapters/destinations/swanlab/login.ts";
import type { Login } from "../../../adapters/destinations/swanlab/login.ts";
import { parseHost } from "../../../src/config/host.ts";
import { Secret } from "../../../src/config/secret.ts";
import { ToolError } from "../../../src/errors.ts";
import { HttpClient } from "../../../src/net/client.ts";
import { Retry } from "../../../src/net/retry.ts";
import { fakeContext } from "../../unit/net/fake_context.ts";
import { listen } from "../../unit/net/raw_server.ts";

const key = "key4hunter2";

/** Logs in at a server that answers like this, below the path `/swan`. */
async function logInAt(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Login> {
  const server = createServer(answer);
  const port = await listen(server);
  try {
    const client = new HttpClient(fakeContext(), { userAgent: "runferry/1" });
    return await logIn(client, parseHost(`http://127.0.0.1:${port}/swan`), new Secret(key));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function refusal(
  status: number,
  body: string,
  headers: { readonly [name: string]: string } = {},
): Promise<ToolError> {
  const login = logInAt((_request, response) => {
    response.writeHead(status, { traceid: "t-7", ...headers });
    response.end(body);
  });
  const error = await login.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof ToolError, String(error));
  assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/);
  assert.match(error.hint ?? "", /^[A-Z].*\.$/);
  return error;
}

describe("a login", () => {
  it("trades the key for a session", async () => {
    const seen: string[] = [];
    const login = await logInAt((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end(JSON.stringify({
        sid: "s-1",
        expiredAt: "2026-01-09T03:04:05.678Z",
        userInfo: { username: "ann", name: "Ann B." },
      }));
    });
    assert.deepEqual(seen, [`POST /swan/api/login/api_key ${key}`]);
    assert.equal(login.sid.reveal(), "s-1");
    assert.equal(login.expiresAt, Date.UTC(2026, 0, 9, 3, 4, 5, 678));
    assert.equal(login.username, "ann");
    assert.equal(login.name, "Ann B.");
  });

  it("needs neither a name for people nor a time of expiry", async () => {
    for (const extra of [{}, { expiredAt: null }, { expiredAt: "tomorrow" }]) {
      const login = await logInAt((_request, response) => {
        response.end(
          JSON.stringify({ sid: "s", userInfo: { username: "ann", name: null }, ...extra }),
        );
      });
      assert.equal(login.name, undefined);
      assert.equal(login.expiresAt, Infinity);
    }
  });

  it("that is refused says why, and what to do", async () => {
    const table: readonly (readonly [number, string, string, RegExp])[] = [
      [
        401,
        '{"code":"Unauthorized","message":"no such key"}',
        "auth",
        /does not know the key: 401 Unauthorized \(no such key\), trace t-7$/,
      ],
      [401, "<html>", "auth", /does not know the key: 401/],
      [403, "{}", "auth", /does not let this account in: 403 Forbidden/],
      [404, "<html>", "destination", /refused the login: 404 Not Found/],
      [418, "", "destination", /refused the login: 418/],
      [429, "", "transient", /cannot log anybody in now: 429/],
      [503, "{", "transient", /cannot log anybody in now: 503/],
      [
        200,
        "<html>Welcome to the hotel</html>",
        "transient",
        /web page instead of JSON, trace t-7$/,
      ],
      [200, "", "transient", /nothing instead of JSON/],
      [200, '{"sid":"s"}', "transient", /without a session/],
      [200, '{"sid":"a\\nb","userInfo":{"username":"ann"}}', "transient", /without a session/],
      [200, "[]", "transient", /without a session/],
    ];
    for (const [status, body, code, message] of table) {
      const error = await refusal(status, body);
      assert.equal(error.code, code, `${status} ${body}`);
      assert.match(error.message, message);
    }
  });

  it("does not follow a redirect with the key", async () => {
    const table: readonly (readonly [string, string, RegExp])[] = [
      ["https://127.0.0.1/api", "config", /only answers over https/],
      [
        "http://portal.example.com/hello?x=y",
        "transient",
        /sent the login to http:\/\/portal\.example\.com,/,
      ],
      ["", "transient", /sent the login/],
    ];
    for (const [location, code, message] of table) {
      const error = await refusal(302, "", location === "" ? {} : { location });
      assert.equal(error.code, code, location);
      assert.match(error.message, message);
    }
  });

  it("that is to be tried later says when", async () => {
    const context = fakeContext();
    const error = await refusal(429, "", { "retry-after": "17" });
    assert.ok(await new Retry(context, { random: () => 0 }).again(error));
    assert.deepEqual(context.waits, [17_000]);
  });
});
