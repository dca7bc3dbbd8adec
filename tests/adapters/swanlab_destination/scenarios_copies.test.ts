import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { changes, fixture, inScene, key, type Scene, sentItems, user } from "./scene.ts";

const options = ["-k", key, "-w", user, "-p", "p", "--json"];

/** The run directory of a fixture. */
function runDirectory(...name: readonly string[]): string {
  const base = name[0] === "wandb" ? fixture(...name) : join(fixture(...name), "swanlog");
  return join(base, readdirSync(base).find((entry) => entry.includes("run-")) ?? "");
}

/** Copies a run directory under another name. */
function copyAs({ work }: Scene, name: string, from: string): string {
  const copy = join(work, name);
  mkdirSync(join(copy, ".."), { recursive: true });
  cpSync(from, copy, { recursive: true });
  return copy;
}

const runs = [["wandb", "0.31.0", "basic"], ["swanlab", "0.10.3", "basic"], [
  "swanlab",
  "0.7.20",
  "basic",
]] as const;

describe("a run directory", () => {
  for (const name of runs) {
    it(`of ${name.join(" ")} is the same run when it was renamed, moved or archived`, async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const from = runDirectory(...name);
        const first = await scene.run(["sync", from, "-h", host.url, ...options]);
        assert.equal(first.code, 0, first.stdout);
        const archive = join(scene.work, "archive");
        assert.equal((await scene.run(["sync", from, "--to", archive])).code, 0);
        const paths = [
          copyAs(scene, "renamed", from),
          copyAs(scene, join("elsewhere", from.split("/").at(-1) ?? ""), from),
          archive,
        ];
        for (const path of paths) {
          const again = await scene.run(["sync", path, "-h", host.url, ...options]);
          assert.equal(again.code, 0, `${path} ${again.stdout}`);
          assert.deepEqual(sentItems(again.passed), [], path);
          assert.deepEqual(changes(again.passed), [], path);
          assert.equal(again.runs[0]?.["status"], "skipped");
        }
        assert.equal((await host.ids("p")).length, 1);
      });
    });
  }

  it("and its copy in one call become one run", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const from = runDirectory("wandb", "0.31.0", "basic");
      const copies = ["one", "two"].map((name) => copyAs(scene, name, from));
      const done = await scene.run(["sync", ...copies, "-h", host.url, ...options]);
      assert.equal(done.code, 0, done.stdout);
      assert.equal((await host.ids("p")).length, 1);
      assert.deepEqual(done.runs.map(({ status }) => status).sort(), ["done", "skipped"]);
      const alone = await scene.serve("alone");
      const single = await scene.run(["sync", from, "-h", alone.url, ...options]);
      assert.equal(sentItems(done.passed).length, sentItems(single.passed).length);
    });
  });
});

describe("the parts of a run that was resumed", () => {
  it("that crashed before anything is known of them settle after one sync", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const parts = ["0.22.0", "0.19.11", "0.31.0"].map((version) =>
        runDirectory("wandb", version, "crash_early")
      );
      const words = ["sync", ...parts, "-h", host.url, ...options];
      assert.equal((await scene.run(words)).code, 0);
      assert.equal((await host.ids("p")).length, 1);
      const again = await scene.run(words);
      assert.deepEqual(changes(again.passed), []);
      const verify = await scene.run(["verify", ...parts, "-h", host.url, ...options]);
      assert.equal(verify.code, 0, verify.stdout);
    });
  });

  for (
    const name of [["wandb", "0.31.0", "resume"], ["swanlab", "0.10.3", "resume"], [
      "swanlab",
      "0.9.7",
      "resume",
    ]]
  ) {
    it(`of ${name.join(" ")} arrive once, in one call or one by one`, async () => {
      await inScene(async (scene) => {
        const [one, two] = [await scene.serve("one"), await scene.serve("two")];
        const base = name[0] === "wandb" ? fixture(...name) : join(fixture(...name), "swanlog");
        const parts = readdirSync(base).filter((entry) => entry.includes("run-")).sort()
          .map((entry) => join(base, entry));
        assert.equal(parts.length, 2);
        const rule = ["--overlap", "first"];
        const words = (path: string, host: { url: string }): readonly string[] => [
          ...["sync", path, "-h", host.url],
          ...[...options, ...rule],
        ];
        const together = await scene.run(words(base, one));
        assert.equal(together.code, 0, together.stdout);
        for (const part of parts) {
          const done = await scene.run(words(part, two));
          assert.equal(done.code, 0, done.stdout);
        }
        const [left, right] = [await one.facts("p"), await two.facts("p")];
        assert.deepEqual(left, right);
        for (const host of [one, two]) {
          const again = await scene.run(words(base, host));
          assert.deepEqual(changes(again.passed), []);
          const verify = await scene.run(["verify", ...words(base, host).slice(1)]);
          assert.equal(verify.code, 0, verify.stdout);
        }
      });
    });
  }
});
