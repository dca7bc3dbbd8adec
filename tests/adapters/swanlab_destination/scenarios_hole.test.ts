import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changes, type Done, fixture, inScene, type Item, key, sentItems, user } from "./scene.ts";
import type { Passed } from "./recording_proxy.ts";
import { LiveClient } from "./live_client.ts";

/** Points, media and lines of the middle: what a broken connection lost. */
function isLost({ index, epoch }: Item): boolean {
  const place = index ?? epoch ?? 0;
  return place >= 2 && place < 5;
}

function identify({ key, index, epoch, data, message, create_time }: Item): string {
  return JSON.stringify([key, index, epoch, data, message, create_time]);
}

/** What a sync of the whole directory sends to a host where nothing is. */
async function wholeSync(path: string): Promise<readonly Passed[]> {
  const all: Passed[] = [];
  await inScene(async (scene) => {
    const { url } = await scene.serve("store");
    const done = await scene.run(["sync", path, "-h", url, "-k", key, "-w", user, "-p", "p"]);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    all.push(...done.passed);
  });
  return all;
}

const runs: readonly (readonly [name: readonly string[], id: string])[] = [
  [["swanlab", "0.10.3", "basic"], "zw0m2vl2"],
  [["swanlab", "0.9.7", "long"], ""],
  [["wandb", "0.31.0", "media"], ""],
];

describe("a run whose connection broke while it was live", () => {
  for (const [name] of runs) {
    it(`gets exactly what its host missed of ${name.join(" ")}`, async () => {
      const path = fixture(...name);
      const whole = await wholeSync(path);
      const all = sentItems(whole);
      const lost = all.filter(isLost);
      assert.ok(lost.length > 0 && lost.length < all.length);
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const live = await LiveClient.logIn(host.proxy.url, key, { user, project: "p" });
        await live.replay(whole, (item) => !isLost(item));
        await live.describe({ config: { mine: { value: 1, desc: "", sort: 0 } } });
        await live.end("RUNNING");
        const words = ["sync", path, "-h", host.url, "-k", key, "-w", user, "-p", "p", "--json"];
        const done: Done = await scene.run(words);
        assert.equal(done.code, 0, done.stdout);
        const sent = sentItems(done.passed).map(identify).sort();
        assert.deepEqual(sent, lost.map(identify).sort());
        const facts = await host.facts("p");
        assert.equal(facts.group("config").get("mine"), '{"desc":"","sort":0,"value":1}');
        const again = await scene.run(words);
        assert.deepEqual(changes(again.passed), []);
        assert.equal(again.runs[0]?.["status"], "skipped");
      });
    });
  }
});
