import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cloud, parseHost } from "../../../src/config/host.ts";
import { ConfigError } from "../../../src/errors.ts";

describe("a host", () => {
  it("is understood however it is written", () => {
    const table: readonly (readonly [string, string])[] = [
      ["https://swan.example.com", "https://swan.example.com"],
      ["swan.example.com", "https://swan.example.com"],
      ["  swan.example.com/ ", "https://swan.example.com"],
      ["SWAN.Example.com", "https://swan.example.com"],
      ["https://swan.example.com/api", "https://swan.example.com"],
      ["https://swan.example.com/api/", "https://swan.example.com"],
      ["https://swan.example.com:443/", "https://swan.example.com"],
      ["http://swan.example.com:8000/api", "http://swan.example.com:8000"],
      ["swan.example.com:8443", "https://swan.example.com:8443"],
      ["http://10.0.0.7:8000", "http://10.0.0.7:8000"],
      ["10.0.0.7", "https://10.0.0.7"],
      ["swan", "https://swan"],
      ["https://example.com/tools/swan/", "https://example.com/tools/swan"],
      ["https://example.com/tools/swan/api", "https://example.com/tools/swan"],
      ["https://example.com/myapi", "https://example.com/myapi"],
      ["http://[fd00::7]:8000", "http://[fd00::7]:8000"],
      ["[fd00::7]:8000/api", "https://[fd00::7]:8000"],
      ["localhost:8092", "http://localhost:8092"],
      ["127.0.0.1:8092/", "http://127.0.0.1:8092"],
      ["[::1]:8092", "http://[::1]:8092"],
      ["https://localhost:8092", "https://localhost:8092"],
      ["localhost.example.com", "https://localhost.example.com"],
    ];
    for (const [text, url] of table) {
      const host = parseHost(text);
      assert.equal(host.url, url, text);
      assert.equal(host.apiBase, `${url}/api`);
      assert.equal(host.webBase, url);
      assert.equal(host.name, url);
      assert.equal(host.origin, new URL(url).origin);
    }
  });

  it("is the cloud by any of its names, and then always over https", () => {
    const names = [
      "api.swanlab.cn",
      "http://api.swanlab.cn/api",
      "https://swanlab.cn/",
      "SwanLab.cn",
    ];
    for (const text of names) assert.equal(parseHost(text), cloud, text);
    assert.equal(cloud.name, "swanlab");
    assert.equal(cloud.apiBase, "https://api.swanlab.cn/api");
    assert.equal(cloud.webBase, "https://swanlab.cn");
    assert.equal(parseHost("https://api.swanlab.cn:8443").name, "https://api.swanlab.cn:8443");
    assert.equal(
      parseHost("https://api.swanlab.cn.example.com").url,
      "https://api.swanlab.cn.example.com",
    );
  });

  it("can have its pages at another address", () => {
    const host = parseHost("http://10.0.0.7:8000", "web.example.com/");
    assert.equal(host.webBase, "https://web.example.com");
    assert.equal(host.url, "http://10.0.0.7:8000");
    assert.equal(
      parseHost("api.swanlab.cn", "https://mirror.example.com").webBase,
      "https://mirror.example.com",
    );
  });

  it("that cannot be understood is refused with an example", () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ["", /"" cannot be understood: it names no host/],
      ["https://", /names no host/],
      ["https:///api", /names no host/],
      ["8000", /names no host/],
      ["ftp://swan.example.com", /should begin with https:\/\/ or http:\/\//],
      ["swan example.com", /not an address/],
      ["http://swan.example.com:99999", /not an address/],
      ["https://swan.example.com/?a=b", /the address of a page/],
      ["https://swanlab.cn/@me/project/runs/abc", /the address of a page/],
      ["https://me:hunter2@swan.example.com", /a user name or a password/],
    ];
    for (const [text, message] of table) {
      assert.throws(() => parseHost(text), (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hunter2/);
        assert.match(error.hint ?? "", /https:\/\/swan/);
        return true;
      }, text);
    }
  });
});
