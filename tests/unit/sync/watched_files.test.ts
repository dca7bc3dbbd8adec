import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunFiles } from "../../../src/adapter.ts";
import { silentProgress } from "../../silent_progress.ts";
import { WatchedFiles, wholeRun, type Wishes } from "../../../src/sync/watched_files.ts";

const run: RunFiles = {
  info: {
    source: "test",
    path: "/r",
    directory: "r",
    id: "r",
    writer: { tracker: "test", format: "x" },
  },
  async *entries(): AsyncGenerator<never> {},
  file: () => Promise.resolve(new Blob(["abc", "def"]).stream()),
  stamp: () => Promise.resolve("stamp"),
};

test("a file is known by its hash once it was read to its end, and not before", async () => {
  const files = new WatchedFiles(run, silentProgress, wholeRun);
  const reader = (await files.file({ path: "a" })).getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(files.tallies.size, 0);
  for await (const _ of await files.file({ path: "a" })) continue;
  assert.deepEqual(files.tallies.get("a"), {
    bytes: 6,
    sha256: "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721",
  });
});

for (const bytes of [undefined, 6]) {
  test(`a file over the limit is refused when its size is ${bytes ?? "unknown"}`, async () => {
    const files = new WatchedFiles(run, silentProgress, { ...wholeRun, maxFileSize: 5 });
    const ref = bytes === undefined ? { path: "a" } : { path: "a", bytes };
    await assert.rejects(async () => {
      for await (const _ of await files.file(ref)) continue;
    }, { code: "source", message: "Cannot read a: it is larger than --max-file-size" });
    assert.equal(files.tallies.size, 0);
  });
}

test("a run that is wanted whole has the stamp of its source, any other wish another one", async () => {
  const wishes: readonly Wishes[] = [
    wholeRun,
    { ...wholeRun, excluded: { console: true, media: false } },
    { ...wholeRun, excluded: { console: false, media: true } },
    { ...wholeRun, maxFileSize: 5 },
    { ...wholeRun, maxFileSize: 6 },
    { ...wholeRun, followOutside: true },
  ];
  const stamps = await Promise.all(
    wishes.map((wish) => new WatchedFiles(run, silentProgress, wish).stamp()),
  );
  assert.equal(stamps[0], "stamp");
  assert.equal(new Set(stamps).size, wishes.length);
});
