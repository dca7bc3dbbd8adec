import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import type { Context, Source } from "../../../src/adapter.ts";
import { plan } from "../../../src/sync/plan.ts";

/** Knows directories that hold a file named `log`, and lone files that end in `.log`. */
const source: Source = {
  name: "test",
  recognise: ({ path, kind, entries }) =>
    Promise.resolve(
      kind === "directory" && entries.some(({ name }) => name === "log")
        ? [{ source: "test", path, log: join(path, "log") }]
        : kind === "file" && path.endsWith(".log")
        ? [{ source: "test", path, log: path }]
        : [],
    ),
  open: () => Promise.reject(new Error("not opened here")),
};

const context: Context = {
  signal: new AbortController().signal,
  now: () => 0,
  wait: () => Promise.resolve(),
  environment: {},
  home: "/",
  followOutside: false,
  notice(): void {},
};

let root = "";

before(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "plan-")));
  const files = [
    "wandb/run-b/log",
    "wandb/run-b/files/media/picture.png",
    "wandb/run-a/log",
    "wandb/run-a/inner/log",
    "wandb/.runferry-trash-1/log",
    "swanlog/run c/log",
    "swanlog/notes.txt",
    "other/lone.log",
    "empty/nothing.txt",
  ];
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
  await symlink("run-b", join(root, "wandb/latest-run"));
  await symlink(join(root, "wandb"), join(root, "other/link to wandb"));
});

after(() => rm(root, { recursive: true }));

async function found(...paths: readonly string[]): Promise<readonly string[]> {
  const all = await Array.fromAsync(plan(paths, [source], context, { cwd: root }));
  return all.map((one) =>
    one.type === "run"
      ? relative(root, one.ref.path)
      : `${one.error.code}: ${one.error.message.replaceAll(root, "")}`
  );
}

const table: readonly [what: string, paths: readonly string[], runs: readonly string[]][] = [
  ["a run directory", ["wandb/run-b"], ["wandb/run-b"]],
  ["the log of a run", ["wandb/run-b/log"], ["wandb/run-b"]],
  ["a file inside a run", ["wandb/run-b/files/media/picture.png"], ["wandb/run-b"]],
  ["a directory inside a run", ["wandb/run-b/files/media"], ["wandb/run-b"]],
  ["a parent, in order of name, without what lies inside a run", ["wandb"], [
    "wandb/run-a",
    "wandb/run-b",
  ]],
  ["a tree", ["wandb", "swanlog"], ["wandb/run-a", "wandb/run-b", "swanlog/run c"]],
  ["a link to a run", ["wandb/latest-run"], ["wandb/run-b"]],
  ["a link to a parent outside the tree", ["other"], ["wandb/run-b", "wandb/run-a"]],
  ["a pattern", ["wandb/run-*"], ["wandb/run-a", "wandb/run-b"]],
  ["a lone log", ["other/lone.log"], ["other/lone.log"]],
  ["no path", [], ["swanlog/run c", "wandb/run-a", "wandb/run-b"]],
  ["the same run by path, link, log and parent", [
    "wandb/run-b",
    "wandb/latest-run",
    "wandb/run-b/log",
    "wandb",
  ], ["wandb/run-b", "wandb/run-a"]],
  ["a path that does not exist", ["nowhere"], ["source: /nowhere does not exist"]],
  ["a pattern that matches nothing", ["x*"], ["source: /x* does not exist"]],
  ["a place without runs", ["empty", "wandb/run-a"], [
    "source: There is no run in /empty",
    "wandb/run-a",
  ]],
];

for (const [what, paths, runs] of table) {
  test(`${what} leads to ${runs.join(", ")}`, async () => {
    assert.deepEqual(await found(...paths), runs);
  });
}

test("without a path and without the usual places, it says where it looked", async () => {
  const all = plan([], [source], context, { cwd: join(root, "empty") });
  const [only] = await Array.fromAsync(all);
  assert.ok(only?.type === "problem");
  assert.match(only.error.message, /There is no swanlog, no wandb, no \.wandb in .*empty$/);
});
