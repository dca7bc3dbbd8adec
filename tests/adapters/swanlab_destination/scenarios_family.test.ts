import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertSettled, parts, sync, ways, whose } from "./family_scene.ts";
import { inScene } from "./scene.ts";

describe("three allocations of W&B that each count from 0", () => {
  for (const [way, commands] of ways) {
    it(`become one run, ${way}`, async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const paths = parts(scene, "wandb", [{ steps: [0, 59] }, { steps: [0, 59], ended: false }, {
          steps: [0, 59],
        }]);
        for (const words of commands(paths)) await sync(scene, host, words);
        assert.equal(await whose(host, "loss"), "1: 0-59 (60), 2: 60-119 (60), 3: 120-179 (60)");
        assert.equal(await whose(host, "val"), "1: 0-50 (6), 2: 60-110 (6), 3: 120-170 (6)");
        const facts = await host.facts("p");
        assert.deepEqual([...facts.group("media seen").keys()].filter((at) => !/capt/.test(at)), [
          "step 0 item 0",
          "step 60 item 0",
          "step 120 item 0",
        ]);
        const lines = [...facts.group("console").values()].map((line) => line.split('"')[1]);
        const said = [1, 2, 3].flatMap((part) => [0, 20, 40].map((at) => `${part} at ${at}`));
        assert.deepEqual(lines, said);
        const cpu = [...facts.group("scalar __swanlab__.cpu.pct").values()];
        assert.deepEqual(cpu.map((value) => value.split(" ")[0]), [..."111222333"]);
        assert.deepEqual([...facts.group("saved files").keys()].toSorted(), [
          "model-1.txt",
          "model-2.txt",
          "model-3.txt",
          "notes.txt",
        ]);
        // A file that is saved again replaces the one of its name.
        const notes = createHash("sha256").update("notes of part 3\n").digest("hex");
        assert.ok(facts.group("saved files").get("notes.txt")?.includes(notes));
        assert.deepEqual([...facts.group("config").keys()].toSorted(), ["lr-1", "lr-2", "lr-3"]);
        await assertSettled(scene, host, paths);
        for (const path of paths) {
          await assertSettled(scene, host, [path]);
          await assertSettled(scene, host, [path], { more: ["--exact"] });
        }
      });
    });
  }
});

describe("an online run of W&B that was continued offline", () => {
  it("is one run in the order of its start, whatever its directories are called", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const paths = parts(scene, "wandb", [{ steps: [0, 59], online: true }, { steps: [0, 59] }]);
      await sync(scene, host, [join(scene.work, "runs")]);
      assert.equal(await whose(host, "loss"), "1: 0-59 (60), 2: 60-119 (60)");
      await assertSettled(scene, host, paths);
    });
  });

  it("and then online again keeps the steps that it was told", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const paths = parts(scene, "wandb", [
        { steps: [0, 59], online: true },
        { steps: [0, 59] },
        { steps: [120, 179], online: true },
      ]);
      await sync(scene, host, paths);
      assert.equal(await whose(host, "loss"), "1: 0-59 (60), 2: 60-119 (60), 3: 120-179 (60)");
      await assertSettled(scene, host, paths);
    });
  });
});

describe("a fragment of W&B that its own sync sent before", () => {
  it("keeps the steps that it got there", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const paths = parts(scene, "wandb", [{ steps: [0, 59] }, { steps: [0, 59] }]);
      const note = join(paths[1] ?? "", "run-family.wandb.syncstate");
      writeFileSync(note, '{"starting_step":50}');
      await sync(scene, host, paths);
      assert.equal(await whose(host, "loss"), "1: 0-49 (50), 2: 50-109 (60)");
      await assertSettled(scene, host, paths);
    });
  });

  it("stays where it is if it is sent there after it was sent here", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const paths = parts(scene, "wandb", [{ steps: [0, 59] }, { steps: [0, 59] }]);
      await sync(scene, host, paths);
      const note = join(paths[1] ?? "", "run-family.wandb.syncstate");
      writeFileSync(note, '{"starting_step":60}');
      assert.equal(await whose(host, "loss"), "1: 0-59 (60), 2: 60-119 (60)");
      await assertSettled(scene, host, paths);
    });
  });
});
