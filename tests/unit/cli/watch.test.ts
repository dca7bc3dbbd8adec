import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { execute } from "../../../src/cli/execute.ts";
import { inScratch } from "../../contract/scratch.ts";
import { fakeShell } from "./fake_shell.ts";

test("a watch that is asked to end ends with 0, even if something never gives up", () =>
  inScratch(async (directory) => {
    mkdirSync(join(directory, "runs"));
    const terminal = new AbortController();
    const timers: { readonly ms: number; readonly ring: () => void }[] = [];
    const shell = fakeShell({
      cwd: directory,
      home: directory,
      signal: terminal.signal,
      sleep: () => new Promise(() => {}),
      every(ms, ring): () => void {
        timers.push({ ms, ring });
        return () => {};
      },
    });
    const ended = execute(["watch", "runs", "--to", "archive"], shell);
    while (!/There is no run/.test(shell.stderr.text)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    terminal.abort();
    const drains = timers.filter(({ ms }) => ms >= 8000);
    assert.deepEqual(drains.map(({ ms }) => ms), [8000, 9000]);
    for (const { ring } of drains) ring();
    assert.equal(await ended, 0);
  }));
