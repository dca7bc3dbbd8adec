import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startedAt } from "../../generate/generated_run.ts";
import { generateSwanlab } from "../../generate/swanlab_run.ts";
import { at, canonical, itemsAt, textAt } from "../../interop/json_path.ts";
import { LiveClient } from "./live_client.ts";
import {
  changes,
  fixture,
  inScene,
  type Item,
  key,
  type Scene,
  sentItems,
  type ServedHost,
  user,
} from "./scene.ts";

const crash = fixture("wandb", "0.31.0", "crash");
const basic = fixture("swanlab", "0.10.3", "basic");
const options = ["-k", key, "-w", user, "-p", "p", "--json"];

function identify({ key, index, epoch, data, message }: Item): string {
  return JSON.stringify([key, index, epoch, data, message]);
}

/** The run as the host shows it. */
async function shown(host: ServedHost): Promise<Awaited<ReturnType<ServedHost["api"]["ask"]>>> {
  const [id] = await host.ids("p");
  return await host.api.ask(`/project/${user}/p/runs/${id}`);
}

/** A run of 20 rows, a quarter of a second apart, with two keys. */
function generated({ work }: Scene): string {
  mkdirSync(join(work, "swanlog"));
  return generateSwanlab({ directory: join(work, "swanlog"), rows: 20, keys: 2, seed: 1 }).path;
}

describe("a run that grew", () => {
  it("gets its growth only, and then its end", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const copy = join(scene.work, "copy");
      cpSync(fixture("wandb", "0.31.0", "long"), copy, { recursive: true });
      const words = ["sync", copy, "-h", host.url, ...options];
      const whole = await scene.run(words);
      assert.equal(whole.code, 0, whole.stdout);
      const all = sentItems(whole.passed).map(identify);

      const [second, short] = [await scene.serve("second"), join(scene.work, "short")];
      cpSync(copy, short, { recursive: true });
      const log = readdirSync(short, { recursive: true, encoding: "utf8" })
        .find((name) => name.endsWith(".wandb")) ?? "";
      truncateSync(join(short, log), 40_000);
      const begun = await scene.run(["sync", short, "-h", second.url, ...options]);
      assert.ok([0, 3].includes(begun.code), begun.stdout);
      const before = sentItems(begun.passed).map(identify);
      assert.ok(before.length > 0 && before.length < all.length);
      assert.equal(textAt(await shown(second), "state"), "CRASHED");

      const grown = await scene.run(["sync", copy, "-h", second.url, ...options]);
      assert.equal(grown.code, 0, grown.stdout);
      const rest = sentItems(grown.passed).map(identify);
      assert.deepEqual([...before, ...rest].sort(), [...all].sort());
      assert.equal(textAt(await shown(second), "state"), "FINISHED");
      const again = await scene.run(["sync", copy, "-h", second.url, ...options]);
      assert.deepEqual(changes(again.passed), []);
    });
  });
});

describe("a range", () => {
  const table: readonly (readonly [words: readonly string[], steps: readonly number[]])[] = [
    [["--start-step", "17"], [17, 18, 19]],
    [["--end-step", "1"], [0, 1]],
    [["--start-step", "5", "--end-step", "6"], [5, 6]],
    [["--start-time", new Date(startedAt + 18 * 250).toISOString()], [18, 19]],
    [["--end-time", String((startedAt + 250) / 1000)], [0, 1]],
    [["--start-time", String(startedAt + 1), "--end-step", "2"], [1, 2]],
  ];
  for (const [words, steps] of table) {
    it(`${words.join(" ")} takes steps ${steps.join(", ")}, both ends included`, async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const path = generated(scene);
        const done = await scene.run(["sync", path, "-h", host.url, ...options, ...words]);
        assert.equal(done.code, 0, done.stdout);
        const sent = sentItems(done.passed, "scalar").map(({ index }) => index);
        assert.deepEqual([...new Set(sent)], steps);
        assert.equal(sent.length, 2 * steps.length);
        // The rest may be sent later, and then only the rest.
        const whole = await scene.run(["sync", path, "-h", host.url, ...options]);
        assert.equal(whole.code, 0, whole.stdout);
        assert.equal(sentItems(whole.passed, "scalar").length, 2 * (20 - steps.length));
      });
    });
  }

  it("by steps leaves the log as it is, one by time does not", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const all = await scene.run(["sync", basic, "-h", host.url, ...options, "--start-step", "2"]);
      assert.equal(sentItems(all.passed, "log").length, 17);
      const none = ["--id", "new", "--start-time", "2030-01-01"];
      const later = await scene.run(["sync", basic, "-h", host.url, ...options, ...none]);
      assert.equal(later.code, 0, later.stdout);
      assert.deepEqual(sentItems(later.passed), []);
    });
  });
});

describe("the times of a run", () => {
  it("are those of the requests, unless its own are wanted", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const now = "2026-12-01T00:00:00.000";
      const plain = await scene.run(["sync", basic, "-h", host.url, ...options]);
      assert.equal(plain.code, 0, plain.stdout);
      const run = await shown(host);
      assert.ok(textAt(run, "createdAt").startsWith(now), textAt(run, "createdAt"));
      assert.ok(textAt(run, "finishedAt").startsWith("2026-12-01"));
      const metadata = at(run, "profile", "metadata", "runferry");
      assert.match(textAt(metadata, "startedAt"), /^2026-11-23T/);
      assert.match(textAt(metadata, "finishedAt"), /^2026-11-23T/);
      const own = await scene.serve("own");
      const words = ["sync", basic, "-h", own.url, ...options, "--original-times"];
      const original = await scene.run(words);
      assert.equal(original.code, 0, original.stdout);
      assert.match(textAt(await shown(own), "createdAt"), /^2026-11-23T/);
      assert.match(textAt(await shown(own), "finishedAt"), /^2026-11-23T/);
      const sent = sentItems(original.passed).map((item) => JSON.stringify(item)).sort();
      assert.deepEqual(sent, sentItems(plain.passed).map((item) => JSON.stringify(item)).sort());
    });
  });
});

describe("x axes", () => {
  it("are those that the run defines, or all steps", async () => {
    for (const [axis, expected] of [["defined", 1], ["step", 0]] as const) {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const path = fixture("wandb", "0.31.0", "basic");
        const words = ["sync", path, "-h", host.url, ...options, "--x-axis", axis];
        const done = await scene.run(words);
        assert.equal(done.code, 0, done.stdout);
        const series = await host.api.ask(`/projects/${user}/p/series`);
        const axes = itemsAt({ series }, "series").map((one) => textAt(one, "xAxis"))
          .filter((name) => name !== "");
        assert.equal(axes.length > 0 ? 1 : 0, expected, axes.join());
      });
    }
  });
});

describe("a run without an end", () => {
  it("has crashed when it was made by us, and then says so no more once it has ended", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const done = await scene.run(["sync", crash, "-h", host.url, ...options]);
      assert.equal(done.code, 0, done.stdout);
      assert.equal(textAt(await shown(host), "state"), "CRASHED");
    });
  });

  const states = ["RUNNING", "FINISHED", "ABORTED"];
  for (const state of states) {
    it(`stays ${state} when somebody else made it`, async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const first = await scene.serve("first");
        const known = await scene.run(["sync", crash, "-h", first.url, ...options]);
        const [id = ""] = await first.ids("p");
        const live = await LiveClient.logIn(host.proxy.url, key, { user, project: "p" });
        await live.begin({ cuid: id, name: "theirs" });
        await live.store("scalar", sentItems(known.passed, "scalar").slice(0, 3));
        await live.end(state);
        for (const status of ["done", "skipped"]) {
          const done = await scene.run(["sync", crash, "-h", host.url, ...options]);
          assert.equal(done.code, 0, done.stdout);
          assert.equal(done.runs[0]?.["status"], status, done.stdout);
          const run = await shown(host);
          assert.equal(textAt(run, "state"), state);
          assert.equal(textAt(run, "name"), "theirs");
          assert.equal(textAt(run, "profile", "metadata", "hostname"), "theirs");
          assert.equal(canonical(at(run, "profile", "metadata", "runferry", "completed")), "true");
        }
      });
    });
  }
});
