import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findCredentials, type Given, noKey } from "../../../src/config/credentials.ts";
import { cloud, parseHost } from "../../../src/config/host.ts";
import { Secret } from "../../../src/config/secret.ts";
import type { Settings } from "../../../src/config/settings.ts";
import { storeLogin } from "../../../src/config/stored_logins.ts";
import { inScratch } from "../../contract/scratch.ts";

const a = parseHost("http://a:8000");
const b = parseHost("http://b:8000");
const key = new Secret("said");
const set = { secret: new Secret("set"), from: "user", source: "SWANLAB_API_KEY" } as const;

/** Host and key that are found when logins for `a` and then for the cloud are stored. */
async function found(given: Given, settings: Settings, isStored = true): Promise<string> {
  return await inScratch(async (directory) => {
    const home = join(directory, "home");
    const cwd = join(directory, "work");
    mkdirSync(cwd);
    const path = join(home, ".swanlab", ".netrc");
    if (isStored) {
      await storeLogin(path, cloud, new Secret("stored-cloud"));
      await storeLogin(path, a, new Secret("stored-a"));
    }
    const credentials = await findCredentials(given, settings, { environment: {}, home, cwd });
    return `${credentials.host.url} ${credentials.key?.reveal() ?? "-"}`;
  });
}

describe("the credentials", () => {
  it("are those of the host that is meant", async () => {
    const table: readonly (readonly [Given, Settings, string])[] = [
      [{}, {}, `${a.url} stored-a`],
      [{ host: a }, {}, `${a.url} stored-a`],
      [{ host: cloud }, {}, `${cloud.url} stored-cloud`],
      [{ host: b }, {}, `${b.url} -`],
      [{ key }, {}, `${cloud.url} said`],
      [{ host: b, key }, {}, `${b.url} said`],
      [{ key }, { host: b, key: set }, `${b.url} said`],
      [{}, { key: set }, `${cloud.url} set`],
      [{}, { host: b }, `${b.url} -`],
      [{}, { host: a }, `${a.url} stored-a`],
      [{}, { host: b, key: set }, `${b.url} set`],
      [{ host: b }, { key: set }, `${b.url} set`],
    ];
    for (const [given, settings, expected] of table) {
      assert.equal(await found(given, settings), expected);
    }
    assert.equal(await found({}, {}, false), `${cloud.url} -`);
  });

  it("of one host never go to another", async () => {
    const table: readonly (readonly [Given, Settings, string])[] = [
      [{ host: b }, { host: a, key: set }, `${b.url} -`],
      [{ host: cloud }, { host: b, key: set }, `${cloud.url} stored-cloud`],
      [{ host: b, isOnly: false }, { key: set }, `${b.url} -`],
      [{ host: a, isOnly: false }, { key: set }, `${a.url} stored-a`],
      [{ host: cloud, isOnly: false }, { key: set }, `${cloud.url} set`],
      [{ host: parseHost("https://a:8000") }, {}, "https://a:8000 -"],
      [{ host: parseHost("http://a:8001") }, {}, "http://a:8001 -"],
    ];
    for (const [given, settings, expected] of table) {
      assert.equal(await found(given, settings), expected);
    }
  });

  it("of the user do not go to a host that only the current directory names", async () => {
    const settings = { host: b, hostFrom: "directory", key: set } as const;
    for (const given of [{}, { key }]) {
      await assert.rejects(found(given, settings), (error: Error) => {
        assert.match(error.message, /says that the host is http:\/\/b:8000/);
        assert.doesNotMatch(error.message, /said|set/);
        return true;
      });
    }
    assert.equal(await found({ host: b }, settings), `${b.url} set`);
    assert.equal(await found({}, { ...settings, hostFrom: "user" }), `${b.url} set`);
    const strange = { ...settings, key: { ...set, from: "directory" } } as const;
    assert.equal(await found({}, strange), `${b.url} set`);
    assert.equal(await found({}, { host: a, hostFrom: "directory" }), `${a.url} stored-a`);
  });

  it("that are missing come with the command that makes them", () => {
    assert.match(noKey(cloud).hint ?? "", /^Run runferry login, /);
    assert.match(noKey(a).hint ?? "", /^Run runferry login -h http:\/\/a:8000, /);
    assert.equal(noKey(a).code, "auth");
  });
});
