import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openHost } from "../../../adapters/hosts/swanlab/host.ts";
import { ConfigError, ToolError } from "../../../src/errors.ts";
import { inScratch } from "../../contract/scratch.ts";
import { Client, hostOptions, keys, now, withHost, withHostIn } from "./test_host.ts";

test("a key opens a session that lasts longer than clients want to log in anew", () =>
  withHost(async ({ url }) => {
    const client = new Client(url);
    const { json, status, headers } = await client.ask("POST", "/login/api_key", undefined, {
      authorization: keys.ada,
    });
    assert.equal(status, 200);
    assert.equal(json.userInfo.username, "ada");
    assert.match(json.expiredAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(json.expiredAt) - now > 7 * 86_400_000);
    assert.ok(headers.get("set-cookie")?.startsWith(`sid=${json.sid};`));
  }));

test("without a session, or with a forged one, there is nothing but 401", () =>
  withHost(async ({ url }) => {
    const { json } = await new Client(url).ask("POST", "/login/api_key", undefined, {
      authorization: keys.ada,
    });
    const sid: string = json.sid;
    const [body = "", signature = ""] = sid.split(".");
    const other = btoa(JSON.stringify(["bob", now + 1e9, ""])).replaceAll("=", "");
    const cookies = [
      "",
      "sid=",
      "sid=x",
      `sid=${body}`,
      `sid=${body}.`,
      `sid=${other}.${signature}`,
    ];
    for (const cookie of cookies) {
      const answer = await new Client(url).ask("GET", "/user/profile", undefined, { cookie });
      assert.equal(answer.status, 401, cookie);
      assert.equal(answer.reason, "Unauthorized");
      assert.equal(answer.json.code, "Unauthorized");
    }
    const good = await new Client(url).ask("GET", "/user/profile", undefined, {
      cookie: `other=1; sid=${sid}; more=2`,
    });
    assert.equal(good.json.username, "ada");
  }));

test("a wrong key, or none, is refused", () =>
  withHost(async ({ url }) => {
    for (const authorization of ["", "wrong", `${keys.ada}x`, `Bearer ${keys.ada}`]) {
      const { status, reason, json } = await new Client(url)
        .ask("POST", "/login/api_key", undefined, { authorization });
      assert.deepEqual([status, reason, json.code], [401, "Unauthorized", "Unauthorized"]);
    }
  }));

test("health, and every answer's trace id, can be had by everybody", () =>
  withHost(async ({ url }) => {
    const client = new Client(url);
    for (const path of ["", "/", "/house/health", "/auth/health"]) {
      const { status, text, headers } = await client.ask("GET", path);
      assert.deepEqual([status, text], [200, "OK"], path);
      assert.match(headers.get("traceid") ?? "", /^[0-9a-f]{32}$/);
    }
    assert.equal((await client.ask("GET", "/self_hosted/info")).json.enabled, true);
    const missing = await client.send("GET", `${url}/other`);
    assert.deepEqual([missing.status, missing.reason], [404, "Not Found"]);
    assert.match(missing.headers.get("traceid") ?? "", /^[0-9a-f]{32}$/);
  }));

test("sessions outlive the host, but not the key that opened them", () =>
  inScratch(async (folder) => {
    const sid: string = await withHostIn(folder, async ({ url }) => {
      const client = new Client(url);
      const login = { authorization: keys.ada };
      return (await client.ask("POST", "/login/api_key", undefined, login)).json.sid;
    });
    const cookie = `sid=${sid}`;
    await withHostIn(folder, async ({ url }) => {
      const answer = await new Client(url).ask("GET", "/user/profile", undefined, { cookie });
      assert.equal(answer.json.username, "ada");
    });
    const accounts = [{ name: "ada", key: "anotheranotheranother" }];
    await using host = await openHost(hostOptions(folder, { accounts }));
    const answer = await new Client(host.url).ask("GET", "/user/profile", undefined, { cookie });
    assert.equal(answer.status, 401);
  }));

test("keys are stored as hashes in a file for the owner only", () =>
  inScratch(async (folder) => {
    await withHostIn(folder, () => Promise.resolve());
    const path = join(folder, ".open/accounts.json");
    const text = readFileSync(path, "utf8");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, ".open")).mode & 0o777, 0o700);
    for (const key of Object.values(keys)) assert.ok(!text.includes(key));
  }));

test("the first start without accounts makes one and gives its key out once", () =>
  inScratch(async (folder) => {
    const options = hostOptions(folder, { accounts: [] });
    await using first = await openHost(options);
    const [account] = first.accounts;
    assert.equal(account?.name, "local");
    assert.match(account?.key ?? "", /^[0-9A-Za-z]{21}$/);
    assert.equal((await Client.login(first.url, account?.key)).url, first.url);
    await first[Symbol.asyncDispose]();
    await using second = await openHost(options);
    assert.deepEqual(second.accounts, [{ name: "local" }]);
    assert.equal((await Client.login(second.url, account?.key)).url, second.url);
  }));

test("what cannot be an account, or an address without one, is refused", () =>
  inScratch(async (folder) => {
    const table = [
      [{ accounts: [{ name: "a b" }] }, /called "a b"/],
      [{ accounts: [{ name: "x".repeat(26) }] }, /called/],
      [{ accounts: [{ name: "ada", key: "short" }] }, /too short/],
      [{ accounts: [{ name: "ada", key: "with a blank" }] }, /blanks/],
      [{ accounts: [{ name: "a", key: keys.ada }, { name: "b", key: keys.ada }] }, /same key/],
      [{ accounts: [], address: "0.0.0.0" }, /reached from elsewhere/],
      [{ accounts: [{ name: "ada" }], address: "192.0.2.1" }, /Cannot listen at 192\.0\.2\.1/],
      [{ baseUrl: "lab.example" }, /Not an address/],
    ] as const;
    for (const [at, [given, message]] of table.entries()) {
      await assert.rejects(openHost(hostOptions(join(folder, String(at)), given)), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        assert.match(error.hint ?? "", /^[A-Z].+\.$/);
        return true;
      });
    }
  }));

test("two hosts do not serve one folder", () =>
  inScratch((folder) =>
    withHostIn(folder, async () => {
      await assert.rejects(openHost(hostOptions(folder)), (error) => {
        assert.ok(error instanceof ToolError);
        assert.equal(error.code, "locked");
        return true;
      });
    })
  ));
