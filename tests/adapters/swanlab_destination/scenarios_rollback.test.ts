import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startedAt } from "../../generate/generated_run.ts";
import { writePart } from "../../generate/run_part.ts";
import {
  assertSettled,
  losses,
  parts,
  rollback,
  statuses,
  sync,
  ways,
  whose,
} from "./family_scene.ts";
import { changes, inScene } from "./scene.ts";

for (const tracker of ["wandb", "swanlab"] as const) {
  describe(`a run of ${tracker} that was resumed 50 steps back`, () => {
    for (const way of ["together", "together with --jobs 4", "in any order of their paths"]) {
      it(`has the values of the later part, ${way}`, async () => {
        await inScene(async (scene) => {
          const host = await scene.serve("store");
          const paths = parts(scene, tracker, rollback);
          const [words = []] = ways.find(([name]) => name === way)?.[1](paths) ?? [];
          const done = await sync(scene, host, words);
          assert.deepEqual(statuses(done), ["done", "done"]);
          assert.deepEqual(losses(done), ["converted 51: a later part"]);
          assert.equal(await whose(host, "loss"), "1: 0-49 (50), 2: 50-149 (100)");
          // Only at step 70 both have it.
          const val =
            "1: 0-50 (6), 2: 56-56 (1), 1: 60-60 (1), 2: 63-77 (3), 1: 80-80 (1), 2: 84-84 (1), " +
            "1: 90-90 (1)";
          assert.equal(await whose(host, "val"), `${val}, 2: 91-147 (9)`);
          await assertSettled(scene, host, paths);
          for (const path of paths) await assertSettled(scene, host, [path]);
        });
      });
    }

    it("has the values of the first one, if that is wanted", async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const paths = parts(scene, tracker, rollback);
        const more = ["--overlap", "first"];
        const done = await sync(scene, host, paths, { more });
        assert.deepEqual(losses(done), ["converted 51: an earlier part"]);
        assert.equal(await whose(host, "loss"), "1: 0-99 (100), 2: 100-149 (50)");
        await assertSettled(scene, host, paths, { more });
        for (const path of paths) await assertSettled(scene, host, [path], { more });
      });
    });

    it("is not sent at all if neither is wanted, and others go on", async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const paths = parts(scene, tracker, rollback);
        const other = writePart({
          tracker,
          directory: scene.work,
          id: "other",
          startedAt,
          steps: [0, 9],
          loss: 9,
        });
        const more = ["--overlap", "error"];
        const done = await sync(scene, host, [...paths, other], { code: 3, more });
        const errors = done.runs.map(({ error }) => error as Error | undefined);
        assert.deepEqual(statuses(done).toSorted(), ["done", "failed", "failed"]);
        const said = errors.map((error) => error?.message ?? "").join("\n");
        assert.ok(said.includes(`Cannot send ${paths[0]}: ${paths[1]} has "loss" at step 50`));
        assert.ok(said.includes(`Cannot send ${paths[1]}: ${paths[0]} has "loss" at step 50`));
        assert.deepEqual(await host.ids("p"), ["other"]);
      });
    });

    it("keeps what the host had already, and says so, when the parts come one by one", async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const [one = "", two = ""] = parts(scene, tracker, rollback);
        await sync(scene, host, [one]);
        for (const [paths, code] of [[[two], 3], [[one, two], 0], [[two], 0]] as const) {
          const done = await sync(scene, host, paths, { code });
          assert.deepEqual(losses(done), ["rejected 51: an earlier part"]);
          assert.equal(await whose(host, "loss"), "1: 0-99 (100), 2: 100-149 (50)");
        }
      });
    });

    it("is refused by what the host has, if neither is wanted", async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const [one = "", two = ""] = parts(scene, tracker, rollback);
        const more = ["--overlap", "error"];
        await sync(scene, host, [one], { more });
        const refused = await sync(scene, host, [two], { code: 10, more });
        assert.match(refused.stdout, /the host has \\"loss\\" at step 50/);
        assert.deepEqual(changes(refused.passed), []);
        await assertSettled(scene, host, [one], { more });
      });
    });

    it("has the values of the later part also when that came first", async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const [one = "", two = ""] = parts(scene, tracker, rollback);
        await sync(scene, host, [two]);
        const done = await sync(scene, host, [one]);
        assert.deepEqual(losses(done), ["converted 51: a later part"]);
        assert.match(done.stdout, /a later part of the run has a saved file of this name/);
        assert.equal(await whose(host, "loss"), "1: 0-49 (50), 2: 50-149 (100)");
        for (const paths of [[one], [two], [one, two]]) await assertSettled(scene, host, paths);
      });
    });

    it("leaves its first part alone while the second one grows", async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const [first, second] = rollback;
        const [one = ""] = parts(scene, tracker, [first, { ...second, steps: [50, 69] }]);
        await sync(scene, host, [one]);
        const young = await sync(scene, host, [join(scene.work, "runs")], { code: 3 });
        assert.deepEqual(losses(young), ["rejected 20: an earlier part"]);
        rmSync(join(scene.work, "runs"), { recursive: true });
        parts(scene, tracker, rollback);
        const grown = await sync(scene, host, [join(scene.work, "runs")], { code: 3 });
        assert.deepEqual(losses(grown), ["rejected 51: an earlier part"]);
        assert.equal(await whose(host, "loss"), "1: 0-99 (100), 2: 100-149 (50)");
      });
    });
  });
}

describe("the parts of a run that overlap", () => {
  it("may be deleted once they have arrived", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const paths = parts(scene, "wandb", rollback);
      const done = await sync(scene, host, [join(scene.work, "runs")], { more: ["--clean"] });
      assert.deepEqual(done.runs.map(({ cleaned }) => cleaned), [true, true], done.stdout);
      assert.deepEqual(paths.filter((path) => existsSync(path)), []);
      assert.equal(await whose(host, "loss"), "1: 0-49 (50), 2: 50-149 (100)");
    });
  });

  it("stay where something of them could not be stored", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const [one = "", two = ""] = parts(scene, "wandb", rollback);
      await sync(scene, host, [one]);
      const done = await sync(scene, host, [two], { code: 3, more: ["--clean"] });
      assert.deepEqual(done.runs.map(({ cleaned }) => cleaned), [false], done.stdout);
      assert.ok(existsSync(two));
      const more = ["--clean", "--overlap", "first"];
      const wanted = await sync(scene, host, [two], { more });
      assert.deepEqual(wanted.runs.map(({ cleaned }) => cleaned), [true], wanted.stdout);
    });
  });
});
