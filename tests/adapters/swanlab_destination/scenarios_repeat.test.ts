import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changes, fixture, inScene, key, user } from "./scene.ts";

const runs: readonly (readonly string[])[] = [
  ["swanlab", "0.10.3", "basic"],
  ["swanlab", "0.10.3", "media"],
  ["swanlab", "0.10.3", "save"],
  ["swanlab", "0.7.20", "media"],
  ["wandb", "0.31.0", "media"],
  ["wandb", "0.31.0", "crash"],
];

describe("a repeated sync", () => {
  for (const name of runs) {
    for (const version of [1, 0] as const) {
      it(`of ${name.join(" ")} to a host of generation ${version} sends nothing`, async () => {
        await inScene(async (scene) => {
          const host = await scene.serve("store", version);
          const words = ["sync", fixture(...name), "-h", host.url, "-k", key, "--json"];
          words.push("-w", user, "-p", "p");
          const first = await scene.run([...words, "--exact"]);
          assert.equal(first.code, 0, first.stdout);
          assert.equal(first.runs[0]?.["status"], "done", first.stdout);
          const [id] = await host.ids("p");
          const before = await host.facts("p");
          for (const more of [[], ["--exact"], ["--recheck"]]) {
            const again = await scene.run([...words, ...more]);
            assert.equal(again.code, 0, again.stdout);
            assert.deepEqual(changes(again.passed), [], more.join());
            assert.equal(again.runs[0]?.["status"], "skipped", again.stdout);
            assert.equal(again.runs[0]?.["sent"], 0);
          }
          assert.deepEqual(await host.facts("p"), before);
          assert.deepEqual(await host.ids("p"), [id]);
        });
      });
    }
  }
});
