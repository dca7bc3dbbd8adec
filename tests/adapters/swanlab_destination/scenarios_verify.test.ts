import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Answer, Asked } from "./recording_proxy.ts";
import { changes, type Done, fixture, inScene, key, type Scene, user } from "./scene.ts";

const basic = fixture("swanlab", "0.10.3", "basic");
const media = fixture("swanlab", "0.10.3", "media");
const options = ["-k", key, "-w", user, "-p", "p", "--json"];

/** Changes the answers to the requests of a path. */
function altering(
  path: RegExp,
  change: (text: string) => string,
): (asked: Asked, answer: Answer) => Answer | undefined {
  return (asked, answer) => {
    if (!path.test(asked.path)) return undefined;
    const body = Buffer.from(change(String(answer.body)));
    const headers = { ...answer.headers, "content-length": String(body.length) };
    return { ...answer, headers, body };
  };
}

/** Syncs a run, then verifies it against a host whose answers are altered. */
async function verified(
  scene: Scene,
  path: string,
  after: (asked: Asked, answer: Answer) => Answer | undefined,
  words: readonly string[] = [],
): Promise<Done> {
  const host = await scene.serve("store");
  const first = await scene.run(["sync", path, "-h", host.url, ...options]);
  assert.equal(first.code, 0, first.stdout);
  host.proxy.meddler = { after };
  const done = await scene.run(["verify", path, "-h", host.url, ...options, ...words]);
  assert.deepEqual(changes(done.passed), []);
  return done;
}

const csv = /\/signed\/.*export/;

describe("verify", () => {
  it("finds every run that was ferried equal, and writes nothing", async () => {
    for (const name of [["swanlab", "0.10.3", "media"], ["wandb", "0.31.0", "media"]]) {
      for (const words of [[], ["--exact"]]) {
        await inScene(async (scene) => {
          const done = await verified(scene, fixture(...name), () => undefined, words);
          assert.equal(done.code, 0, done.stdout);
          assert.equal(done.runs[0]?.["status"], "done");
          assert.deepEqual(done.runs[0]?.["differences"], []);
          const reached = words.length === 0 ? "counted" : "exact";
          assert.equal(done.runs[0]?.["assurance"], reached);
        });
      }
    }
  });

  const table: readonly (readonly [
    name: string,
    path: string,
    after: (asked: Asked, answer: Answer) => Answer | undefined,
    difference: RegExp,
  ])[] = [
    [
      "a point that the host has not",
      basic,
      altering(csv, (text) => text.replace(/^7, ?[^,]*, ?[^,]*,/m, "7,,,")),
      /^Metric "(loss|acc)": 20 points were delivered, 19 are held; step 7 is missing\.$/,
    ],
    [
      "a value that the host has otherwise",
      basic,
      altering(csv, (text) => text.replace(/^7, ?[^,]*,/m, "7,0.125,")),
      /^Metric "(loss|acc)": the value held at step 7 is not the one delivered\.$/,
    ],
    [
      "a row that is there twice",
      basic,
      altering(csv, (text) => text.replace(/^(7,.*\n)/m, "$1$1")),
      /^Metric "(loss|acc)": 1 points are held more than once\.$/,
    ],
    [
      "a line that the host has not",
      basic,
      altering(/\/house\/metrics\/log\?/, (text) => text.replace(/\{"epoch":5,[^}]*\},/, "")),
      /^The log: 17 points were delivered, 16 are held; step 5 is missing\.$/,
    ],
    [
      "a config that somebody changed",
      basic,
      altering(
        /\/runs\/tuhh9eft$/,
        (text) => text.replace(/"lr":\{"value":[^,]*,/, '"lr":{"value":9,'),
      ),
      /^The config held is not the one delivered\.$/,
    ],
    [
      "a media point that the host has not",
      media,
      altering(/\/f_media$/, (text) => text.replace(/\{"index":0,/, '{"index":77,')),
      /^Media ".*": step 0 is missing\.$/,
    ],
  ];
  for (const [name, path, after, difference] of table) {
    it(`names ${name}`, async () => {
      await inScene(async (scene) => {
        const done = await verified(scene, path, after);
        assert.equal(done.code, 15, done.stdout);
        const differences = done.runs[0]?.["differences"] as readonly string[];
        assert.ok(differences.some((text) => difference.test(text)), differences.join("\n"));
        assert.ok(differences.length <= 3, differences.join("\n"));
      });
    });
  }

  it("with --exact notices one byte of one object, and without it does not look", async () => {
    const flip: (asked: Asked, answer: Answer) => Answer | undefined = ({ path }, answer) => {
      if (!/\/signed\/.*\.png/.test(path) || answer.status !== 200) return undefined;
      const body = Buffer.from(answer.body ?? "");
      body[9] = (body[9] ?? 0) ^ 1;
      return { ...answer, body };
    };
    await inScene(async (scene) => {
      const quick = await verified(scene, media, flip);
      assert.equal(quick.code, 0, quick.stdout);
    });
    await inScene(async (scene) => {
      const exact = await verified(scene, media, flip, ["--exact"]);
      assert.equal(exact.code, 15, exact.stdout);
      const differences = exact.runs[0]?.["differences"] as readonly string[];
      assert.match(
        differences.join("\n"),
        /Object "media\/image\/.*\.png": the content held is not the one delivered\./,
      );
    });
  });

  it("tells that the host knows no such run, or no such project", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const words = ["-h", host.url, ...options];
      const nothing = await scene.run(["verify", basic, ...words]);
      assert.equal(nothing.code, 15, nothing.stdout);
      assert.match(nothing.stdout, /There is no run tuhh9eft at http:/);
      await scene.run(["sync", media, ...words]);
      const other = await scene.run(["verify", basic, ...words]);
      assert.equal(other.code, 15, other.stdout);
      assert.deepEqual(changes(other.passed), []);
    });
  });

  it("names what the directory has and the host lacks", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const copy = join(scene.work, "copy");
      cpSync(basic, copy, { recursive: true });
      const range = ["--end-step", "18"];
      await scene.run(["sync", copy, "-h", host.url, ...options, ...range]);
      const done = await scene.run(["verify", copy, "-h", host.url, ...options]);
      assert.equal(done.code, 15, done.stdout);
      const differences = done.runs[0]?.["differences"] as readonly string[];
      const text = differences.join("\n");
      assert.match(
        text,
        /Metric "loss": 20 points were delivered, 19 are held; step 19 is missing/,
      );
    });
  });

  it("takes each host and each project by itself", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const place = (project: string): string => `${host.url}/@${user}/${project}`;
      await scene.run(["sync", basic, "--to", place("p"), "--to", place("q"), "-k", key]);
      const words = ["verify", basic, "--to", place("p"), "--to", place("q"), "-k", key, "--json"];
      const done = await scene.run(words);
      assert.equal(done.code, 0, done.stdout);
      assert.deepEqual(done.runs.map(({ status }) => status), ["done", "done"]);
      const missing = await scene.run([...words, "--to", place("r")]);
      assert.equal(missing.code, 15, missing.stdout);
    });
  });

  it("tells of points that the host accepted and does not show", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      await scene.run(["sync", basic, "-h", host.url, ...options]);
      const bounded = (body: string): boolean => body.includes('"createdAt":179608');
      host.proxy.meddler = {
        before: ({ path, body }) =>
          path.endsWith("/scalar/export") && bounded(body.toString())
            ? { status: 200, body: '{"cosKey":"empty"}' }
            : path.endsWith("/files/presigned/get") && body.includes('"empty"')
            ? { status: 200, body: '{"urls":["/empty.csv"]}' }
            : path === "/empty.csv"
            ? { status: 200, body: "step\n" }
            : undefined,
      };
      const done = await scene.run(["verify", basic, "-h", host.url, ...options]);
      assert.equal(done.code, 15, done.stdout);
      const differences = done.runs[0]?.["differences"] as readonly string[];
      assert.match(differences[0] ?? "", /accepted points that it does not show/);
      assert.match(differences.join("\n"), /Metric "loss" is not held\./);
    });
  });
});
