import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openRecordingProxy } from "../adapters/swanlab_destination/recording_proxy.ts";
import { sentItems } from "../adapters/swanlab_destination/scene.ts";
import { generateSwanlab } from "../generate/swanlab_run.ts";
import { finished, fixture, inScratch, run, start, type StartOptions } from "./binary.ts";
import { parseLines } from "./lines.ts";

const key = "key4hunter2key4hunter2";
const basic = fixture("swanlab", "0.10.3", "basic");
const options = ["-w", "ann", "-p", "p", "--json"];

/** A host in a process of its own. */
interface Served extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
}

/** Starts a host and waits until it takes requests. */
async function serve(directory: string, port = "0"): Promise<Served> {
  const account = ["--user", "ann", "--key", key];
  const words = ["serve", "store", "--port", port, "--json", ...account];
  const process = start(words, { cwd: directory });
  const end = finished(process);
  const { stdout } = process;
  assert.ok(stdout !== null);
  const [text] = await once(stdout, "data");
  const { url } = JSON.parse(String(text)) as { readonly url: string };
  return {
    url,
    process,
    async [Symbol.asyncDispose](): Promise<void> {
      process.kill("SIGTERM");
      await end;
    },
  };
}

/** A home directory of its own. */
function homeIn(directory: string): StartOptions {
  const home = join(directory, "home");
  mkdirSync(home);
  return { cwd: directory, environment: { HOME: home } };
}

test("a key that is piped in once is enough for every later command", () =>
  inScratch(async (directory) => {
    await using host = await serve(directory);
    const where = homeIn(directory);
    const missing = await run(["sync", basic, "-h", host.url], where);
    assert.equal(missing.code, 12, missing.stderr);
    assert.match(missing.stderr, /runferry login -h http:/);
    const login = await run(["login", "-h", host.url], {
      ...where,
      environment: { ...where.environment, KEY: key },
      through: ["/bin/sh", "-c", 'printf "%s\\n" "$KEY" | "$@"', "sh"],
    });
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stdout, /^Logged in as ann/);
    const netrc = join(where.environment?.["HOME"] ?? "", ".swanlab", ".netrc");
    assert.equal(statSync(netrc).mode & 0o777, 0o600);
    const who = await run(["whoami"], where);
    assert.match(who.stdout, /^ann .*at http:/);

    const said = [login, who];
    for (const status of ["done", "skipped"]) {
      const sync = await run(["sync", basic, ...options], where);
      assert.equal(sync.code, 0, sync.stdout);
      assert.equal(parseLines(sync.stdout, "syncLine")[0]?.["status"], status);
      said.push(sync);
    }
    const verify = await run(["verify", basic, "-h", host.url, ...options, "--exact"], where);
    assert.equal(verify.code, 0, verify.stdout);
    assert.equal(parseLines(verify.stdout, "verifyLine")[0]?.["assurance"], "exact");
    for (const { stdout, stderr } of [...said, verify]) {
      assert.doesNotMatch(stdout + stderr, /hunter2/);
    }

    assert.equal((await run(["logout"], where)).code, 0);
    assert.equal((await run(["sync", basic, "-h", host.url], where)).code, 12);
  }));

test("a host that is ended and started again in the middle of a sync loses and doubles nothing", () =>
  inScratch(async (directory) => {
    const { path } = generateSwanlab({ directory, rows: 12_000, keys: 10, seed: 7 });
    const first = await serve(directory);
    await using proxy = await openRecordingProxy(first.url);
    const { port } = new URL(first.url);
    let stored = 0;
    let second: Promise<Served> | undefined;
    const restart = async (): Promise<Served> => {
      await first[Symbol.asyncDispose]();
      return await serve(directory, port);
    };
    proxy.meddler = {
      before: ({ path }) => {
        if (path === "/api/house/metrics" && ++stored === 4) {
          second = restart();
        }
        return undefined;
      },
    };
    const sync = await run(["sync", path, "-h", proxy.url, "-k", key, ...options]);
    assert.equal(sync.code, 0, sync.stdout + sync.stderr);
    assert.ok(second !== undefined);
    await using host = await second;
    const words = [path, "-h", host.url, "-k", key, ...options];
    const verify = await run(["verify", ...words]);
    assert.equal(verify.code, 0, verify.stdout);
    const again = await run(["sync", ...words]);
    assert.equal(parseLines(again.stdout, "syncLine")[0]?.["status"], "skipped", again.stdout);
  }));

test("a sync that is interrupted is finished by the next one", () =>
  inScratch(async (directory) => {
    const { path } = generateSwanlab({ directory, rows: 12_000, keys: 10, seed: 8 });
    await using host = await serve(directory);
    await using proxy = await openRecordingProxy(host.url);
    let stored = 0;
    const child = start(["sync", path, "-h", proxy.url, "-k", key, ...options]);
    proxy.meddler = {
      after: ({ path }) => {
        if (path === "/api/house/metrics" && ++stored === 3) child.kill("SIGINT");
        return undefined;
      },
    };
    const interrupted = await finished(child);
    assert.equal(interrupted.code, 130, interrupted.stdout + interrupted.stderr);
    proxy.meddler = {};
    const before = sentItems(proxy.passed.filter(({ status }) => status === 200)).length;
    proxy.passed.length = 0;
    const words = [path, "-h", proxy.url, "-k", key, ...options];
    const second = await run(["sync", ...words]);
    assert.equal(second.code, 0, second.stdout);
    assert.ok(before > 0);
    assert.equal(before + sentItems(proxy.passed).length, 10 * 12_000 + 120);
    assert.equal((await run(["verify", ...words])).code, 0);
  }));
