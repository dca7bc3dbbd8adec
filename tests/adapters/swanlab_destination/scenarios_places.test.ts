import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { compareFacts } from "../../interop/compare_facts.ts";
import type { Facts } from "../../interop/facts.ts";
import { changes, fixture, inScene, key, type Scene, sentItems, user } from "./scene.ts";

const basic = fixture("swanlab", "0.10.3", "basic");
const mine = ["-w", user, "--json"];

/** How two states differ, one line each. */
function differences(left: Facts, right: Facts): readonly string[] {
  return compareFacts(left, right, []).flatMap(({ group, differences }) =>
    differences.map(({ name, theirs, ours }) => `${group}, ${name}: ${theirs} became ${ours}`)
  );
}

/** Stores logins for some hosts. */
async function logIn({ run }: Scene, ...urls: readonly string[]): Promise<void> {
  for (const url of urls) assert.equal((await run(["login", "-h", url, "-k", key])).code, 0);
}

/** Copies runs into a folder of the current directory that is called as the tracker calls it. */
function copyRuns({ work }: Scene, folder: string, ...from: readonly string[]): readonly string[] {
  mkdirSync(join(work, folder));
  return from.map((path, at) => {
    const copy = join(work, folder, `run-2026112${at}_081011-copy${at}`);
    cpSync(path, copy, { recursive: true, preserveTimestamps: true });
    return copy;
  });
}

const twoRuns = [
  fixture("swanlab", "0.10.3", "basic", "swanlog", "run-20261123_081011-tuhh9eft"),
  fixture("swanlab", "0.10.3", "media", "swanlog", "run-20261123_081018-4yhih050"),
];

describe("one directory", () => {
  it("goes to a private host and another one in one call, each with its own key", async () => {
    await inScene(async (scene) => {
      const [first, second] = [await scene.serve("first"), await scene.serve("second")];
      await logIn(scene, first.url, second.url);
      const words = ["sync", basic, "-h", first.url, "--to", second.url, "-p", "p", ...mine];
      const done = await scene.run(words);
      assert.equal(done.code, 0, done.stdout);
      assert.deepEqual(done.runs.map(({ status }) => status), ["done", "done"]);
      assert.deepEqual(await first.ids("p"), ["tuhh9eft"]);
      assert.deepEqual(differences(await first.facts("p"), await second.facts("p")), []);
      const again = await scene.run(words);
      assert.deepEqual(changes(again.passed), []);
      assert.deepEqual(again.runs.map(({ status }) => status), ["skipped", "skipped"]);
    });
  });

  it("goes on to one host when the other one is away", async () => {
    await inScene(async (scene) => {
      const [first, second] = [await scene.serve("first"), await scene.serve("second")];
      await logIn(scene, first.url, second.url);
      first.proxy.meddler = {
        before: ({ path }) =>
          path.includes("/house/") ? { status: 400, body: '{"message":"no"}' } : undefined,
      };
      const words = ["sync", basic, "--to", first.url, "--to", second.url, "-p", "p", ...mine];
      const done = await scene.run(words);
      assert.equal(done.code, 3, done.stdout);
      assert.deepEqual(done.runs.map(({ status }) => status), ["failed", "done"]);
      first.proxy.meddler = {};
      const again = await scene.run(words);
      assert.equal(again.code, 0, again.stdout);
      assert.deepEqual(again.runs.map(({ status }) => status), ["done", "skipped"]);
      assert.deepEqual(differences(await first.facts("p"), await second.facts("p")), []);
    });
  });

  it("is replicated into three projects with -p, and each repeat meets its own copy", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const projects = ["one", "two", "three"];
      const ids: string[] = [];
      for (const round of ["done", "skipped"]) {
        for (const project of projects) {
          const words = ["sync", basic, "-h", host.url, "-k", key, "-p", project, ...mine];
          const done = await scene.run(words);
          assert.equal(done.code, 0, done.stdout);
          assert.equal(done.runs[0]?.["status"], round, `${project} ${done.stdout}`);
          if (round === "skipped") assert.deepEqual(changes(done.passed), []);
        }
      }
      for (const project of projects) ids.push(...await host.ids(project));
      assert.equal(ids[0], "tuhh9eft");
      assert.equal(new Set(ids).size, 3);
      const [one, two, three] = await Promise.all(projects.map((name) => host.facts(name)));
      assert.ok(one !== undefined && two !== undefined && three !== undefined);
      assert.deepEqual(differences(one, two), []);
      assert.deepEqual(differences(one, three), []);
    });
  });

  it("is replicated into three projects in one call, and once only", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const projects = ["one", "two", "three"];
      const to = projects.flatMap((name) => ["--to", `${host.url}/@${user}/${name}`]);
      const words = ["sync", basic, ...to, "-k", key, "--json"];
      const done = await scene.run(words);
      assert.equal(done.code, 0, done.stdout);
      assert.deepEqual(done.runs.map(({ status }) => status), ["done", "done", "done"]);
      const ids = (await Promise.all(projects.map((name) => host.ids(name)))).flat();
      assert.equal(new Set(ids).size, 3);
      const again = await scene.run(words);
      assert.deepEqual(changes(again.passed), []);
      assert.deepEqual((await Promise.all(projects.map((name) => host.ids(name)))).flat(), ids);
      const names = done.runs.map(({ destination }) => destination);
      assert.deepEqual(names, projects.map((name) => `${host.url}/@${user}/${name}`));
    });
  });
});

describe("several runs", () => {
  it("are named as the shell writes out a glob, by their folder, or not at all", async () => {
    for (const words of [["glob"], ["swanlog"], []]) {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const copies = copyRuns(scene, "swanlog", ...twoRuns);
        const paths = words[0] === "glob" ? copies : words.map((word) => join(scene.work, word));
        const done = await scene.run(["sync", ...paths, "-h", host.url, "-k", key, ...mine]);
        assert.equal(done.code, 0, done.stdout);
        assert.deepEqual([...await host.ids("fixture-project")].sort(), ["4yhih050", "tuhh9eft"]);
      });
    }
  });

  it("are not given one id: nothing is sent", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      copyRuns(scene, "swanlog", ...twoRuns);
      const words = ["sync", "-h", host.url, "-k", key, "--id", "x", "-w", user];
      const done = await scene.run(words);
      assert.equal(done.code, 2);
      assert.match(done.stderr, /The id x cannot be given to 2 runs: it would merge them/);
      assert.match(done.stderr, /leave the id out/);
      assert.deepEqual(changes(done.passed), []);
      assert.deepEqual(await host.ids("fixture-project"), []);
      const set = await scene.run(["sync", "-h", host.url, "-k", key, "-w", user], {
        environment: { SWANLAB_RUN_ID: "y" },
      });
      assert.equal(set.code, 2);
    });
  });
});

describe("the id", () => {
  it("can be a fresh one each time", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const words = ["sync", basic, "-h", host.url, "-k", key, "-p", "p", "--id", "new", ...mine];
      for (const count of [1, 2]) {
        const done = await scene.run(words);
        assert.equal(done.runs[0]?.["status"], "done", done.stdout);
        assert.equal((await host.ids("p")).length, count);
      }
      const [first, second] = await host.ids("p");
      assert.deepEqual(
        differences(await host.facts("p", first), await host.facts("p", second)),
        [],
      );
    });
  });

  it("can be chosen for one run, which is then continued under it", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const words = ["sync", basic, "-h", host.url, "-k", key, "-p", "p", "-i", "mine", ...mine];
      assert.equal((await scene.run(words)).code, 0);
      const again = await scene.run(words);
      assert.equal(again.runs[0]?.["status"], "skipped");
      assert.deepEqual(await host.ids("p"), ["mine"]);
    });
  });

  it("that was chosen and lives in another project is refused, and nothing is copied", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const words = ["sync", basic, "-h", host.url, "-k", key, "-i", "mine", ...mine];
      assert.equal((await scene.run([...words, "-p", "p"])).code, 0);
      const done = await scene.run([...words, "-p", "q"]);
      assert.equal(done.code, 14, done.stdout);
      assert.match(done.stdout, /the id lives in another project/);
      assert.match(done.stdout, /Choose another --id, or leave it out/);
      assert.deepEqual(await host.ids("q"), []);
      assert.deepEqual(sentItems(done.passed), []);
    });
  });
});
