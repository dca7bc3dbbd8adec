import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError } from "../../../src/errors.ts";
import { Proxy } from "../../../src/net/proxy.ts";
import { ProxyChoice } from "../../../src/net/proxy_choice.ts";

const addresses = [
  ["proxy.lab:3128", "http://proxy.lab:3128"],
  ["http://proxy.lab", "http://proxy.lab:80"],
  ["http://proxy.lab:3128/", "http://proxy.lab:3128"],
  ["https://proxy.lab", "https://proxy.lab:443"],
  ["HTTPS://proxy.lab:80", "https://proxy.lab:80"],
  ["socks://proxy.lab", "socks5h://proxy.lab:1080"],
  ["socks5://proxy.lab:80", "socks5://proxy.lab:80"],
  ["socks5h://127.0.0.1:7890", "socks5h://127.0.0.1:7890"],
  ["socks4a://[::1]:1", "socks4a://[::1]:1"],
  ["http://ann:secret@proxy.lab:1", "http://proxy.lab:1"],
] as const;

for (const [text, name] of addresses) {
  test(`the proxy "${text}" is ${name}`, () => {
    assert.equal(new Proxy(text, "https_proxy").name, name);
  });
}

const logins = [
  ["http://ann:pass@p:1", "ann", "pass"],
  ["http://ann@p:1", "ann", ""],
  ["socks5://ann:p%40ss%3Aw%2Fd@p:1", "ann", "p@ss:w/d"],
  ["http://a%20b:100%@p:1", "a b", "100%"],
] as const;

for (const [text, user, password] of logins) {
  test(`the login in "${text}" is read, and never printed`, () => {
    const proxy = new Proxy(text, "https_proxy");
    assert.deepEqual([proxy.user, proxy.password], [user, password]);
    const printed = `${JSON.stringify(proxy)} ${inspect(proxy)} ${proxy.name}`;
    if (password !== "") assert.ok(!printed.includes(password), printed);
  });
}

for (
  const text of [
    "ftp://ann:hidden@proxy.lab",
    "http://",
    "socks5://ann:hidden@",
    "http://a b:hidden",
  ]
) {
  test(`"${text}" is no proxy, and the message keeps its login`, () => {
    assert.throws(() => new Proxy(text, "all_proxy"), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^all_proxy /);
      assert.doesNotMatch(`${error.message} ${error.hint}`, /hidden/);
      return true;
    });
  });
}

const http = "http://swan.lab";
const https = "https://swan.lab";
const choices = [
  [{ http_proxy: "a" }, http, "http://a:80"],
  [{ http_proxy: "a" }, https, undefined],
  [{ https_proxy: "a" }, https, "http://a:80"],
  [{ HTTPS_PROXY: "a", https_proxy: "b" }, https, "http://b:80"],
  [{ HTTPS_PROXY: "a", https_proxy: "" }, https, "http://a:80"],
  [{ ALL_PROXY: "socks5://a" }, https, "socks5://a:1080"],
  [{ all_proxy: "socks://a" }, http, "socks5h://a:1080"],
  [{ all_proxy: "a", https_proxy: "b" }, https, "http://b:80"],
  [{ HTTP_PROXY: "a", REQUEST_METHOD: "GET" }, http, undefined],
  [{ http_proxy: "a", REQUEST_METHOD: "GET" }, http, "http://a:80"],
  [{ all_proxy: "a", no_proxy: "swan.lab" }, http, undefined],
  [{ all_proxy: "a", NO_PROXY: ".lab" }, http, undefined],
  [{ all_proxy: "a", no_proxy: "lab" }, http, undefined],
  [{ all_proxy: "a", no_proxy: "*.lab" }, http, undefined],
  [{ all_proxy: "a", no_proxy: "wan.lab" }, http, "http://a:80"],
  [{ all_proxy: "a", no_proxy: "x, SWAN.LAB" }, http, undefined],
  [{ all_proxy: "a", no_proxy: "x swan.lab:80" }, http, undefined],
  [{ all_proxy: "a", no_proxy: "swan.lab:443" }, http, "http://a:80"],
  [{ all_proxy: "a", no_proxy: "*" }, http, undefined],
  [{ all_proxy: "a", no_proxy: "10.0.0.0/8" }, "http://10.1.2.3:8000", undefined],
  [{ all_proxy: "a", no_proxy: "10.0.0.0/8" }, "http://11.1.2.3:8000", "http://a:80"],
  [{ all_proxy: "a", no_proxy: "10.1.*" }, "http://10.1.2.3:8000", undefined],
  [{ all_proxy: "a", no_proxy: "10.1.2.3" }, "http://10.1.2.3:8000", undefined],
  [{ all_proxy: "a", no_proxy: "fd00::/8" }, "http://[fd12::1]:8000", undefined],
  [{ all_proxy: "a", no_proxy: "[fd12::1]:8000" }, "http://[fd12:0::1]:8000", undefined],
  [{ all_proxy: "a", no_proxy: "10.0.0.0/99" }, "http://10.1.2.3", "http://a:80"],
  [{ all_proxy: "a" }, "http://127.0.0.1:8092", undefined],
  [{ all_proxy: "a" }, "http://[::1]:8092", undefined],
  [{ all_proxy: "a" }, "http://localhost:8092", undefined],
] as const;

for (const [environment, address, name] of choices) {
  test(`${JSON.stringify(environment)} sends ${address} through ${name ?? "nothing"}`, () => {
    assert.equal(new ProxyChoice([], environment).of(address)?.name, name);
  });
}

const given = [
  [["a"], https, "http://a:80"],
  [["none"], https, undefined],
  [["swan.lab=a"], https, "http://a:80"],
  [["swan.lab=none", "b"], https, undefined],
  [["other.lab=a"], https, "http://e:80"],
  [["SWAN.lab:8443=a"], "https://swan.lab:8443", "http://a:80"],
  [["swan.lab:8443=a"], https, "http://e:80"],
  [["a"], "http://127.0.0.1:8092", "http://a:80"],
  [["http://ann:x=y@a"], https, "http://a:80"],
] as const;

for (const [options, address, name] of given) {
  test(`--proxy ${options.join(" --proxy ")} sends ${address} through ${name ?? "nothing"}`, () => {
    assert.equal(new ProxyChoice(options, { all_proxy: "e" }).of(address)?.name, name);
  });
}

test("two proxies for everything are refused", () => {
  assert.throws(() => new ProxyChoice(["a", "b"], {}), ConfigError);
});
