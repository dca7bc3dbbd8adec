import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { finished, fixture, inScratch, run, start } from "./binary.ts";

/** The address and the key that a starting host prints. */
async function ready(host: ChildProcess): Promise<{ readonly url: string; readonly key: string }> {
  const stdout = host.stdout;
  assert.ok(stdout !== null);
  const [text] = await once(stdout, "data");
  const { url, accounts } = JSON.parse(String(text));
  return { url, key: accounts[0].key ?? "" };
}

test("a host takes runs, keeps them when it is killed, and has them in its archive at the end", () =>
  inScratch(async (directory) => {
    const serve = ["serve", "store", "--port", "0", "--json"];
    const first = start(serve, { cwd: directory });
    const { url, key } = await ready(first);
    const locked = await run(serve, { cwd: directory });
    assert.equal(locked.code, 11);
    const runs = fixture("swanlab", "0.10.3", "media");
    const sync = ["sync", runs, "-h", url, "-k", key, "-w", "local", "-p", "p"];
    assert.equal((await run(sync, { cwd: directory })).code, 0);
    first.kill("SIGKILL");
    await once(first, "close");

    const port = new URL(url).port;
    const second = start(["serve", "store", "--port", port, "--json"], { cwd: directory });
    const end = finished(second);
    await once(second.stdout ?? second, "data");
    const again = await run([...sync, "--json"], { cwd: directory });
    assert.equal(again.code, 0, again.stderr);
    second.kill("SIGTERM");
    assert.equal((await end).code, 0);

    const store = join(directory, "store");
    const verified = await run(["verify", store], { cwd: directory });
    assert.equal(verified.code, 0, verified.stdout);
    const relayed = await run(["sync", store, "--to", "elsewhere"], { cwd: directory });
    assert.equal(relayed.code, 0, relayed.stdout);
    assert.match(relayed.stdout, /1 run: 1 done, 0 partial, 0 failed/);
  }));
