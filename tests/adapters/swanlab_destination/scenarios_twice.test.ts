import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startedAt } from "../../generate/generated_run.ts";
import { writePart } from "../../generate/run_part.ts";
import { assertSettled, parts, rollback, statuses, sync, whose } from "./family_scene.ts";
import { fixture, inScene } from "./scene.ts";

describe("a run directory that is given more than once", () => {
  it("arrives once, by path, link, copy and archive", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const [one = "", two = ""] = parts(scene, "wandb", rollback);
      const link = join(scene.work, "latest-run");
      symlinkSync(two, link);
      const copy = join(scene.work, "elsewhere");
      cpSync(two, copy, { recursive: true });
      const archive = join(scene.work, "archive");
      assert.equal((await scene.run(["sync", one, two, "--to", archive])).code, 0);
      const done = await sync(scene, host, [one, two, two, link, copy, archive]);
      assert.deepEqual(statuses(done).toSorted(), [
        ...["done", "done"],
        ...["skipped", "skipped", "skipped"],
      ]);
      assert.equal(await whose(host, "loss"), "1: 0-49 (50), 2: 50-149 (100)");
      await assertSettled(scene, host, [one, two, copy, archive]);
    });
  });

  it("is two parts where the content is another one", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const directories = ["left", "right"].map((name, at) => {
        const directory = join(scene.work, name);
        mkdirSync(directory);
        const shared = { tracker: "wandb", id: "family", startedAt, steps: [0, 9] } as const;
        return writePart({ ...shared, directory, loss: at + 1 });
      });
      const done = await sync(scene, host, directories);
      assert.deepEqual(statuses(done), ["done", "done"]);
      assert.equal(await whose(host, "loss"), "1: 0-9 (10), 2: 10-19 (10)");
      await assertSettled(scene, host, directories);
      for (const path of directories) await assertSettled(scene, host, [path]);
    });
  });

  it("is another part for each log, though all of them have one name and one start", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const edges = fixture("wandb", "edges");
      const done = await sync(scene, host, [edges]);
      assert.deepEqual([...new Set(statuses(done))].toSorted(), ["done", "skipped"]);
      assert.deepEqual(await host.ids("p"), ["edge"]);
      // Two of the twelve differ in nothing but where their blocks begin.
      assert.equal((await host.facts("p")).group("scalar loss").size, 20);
      await assertSettled(scene, host, [edges]);
    });
  });
});
