import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";
import { generateSwanlab } from "../generate/swanlab_run.ts";
import { readFacts } from "../interop/read_facts.ts";
import { MortalHost } from "../soak/mortal_host.ts";
import { inScratch, listTree, run } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";
import { onSmallDisk } from "./small_disk.ts";

const rows = 5000;

/** A large run and a small one, and where they are. */
function twoRuns(directory: string): { runs: string; large: string; small: string } {
  const runs = join(directory, "runs");
  mkdirSync(runs);
  const large = generateSwanlab({ directory: runs, rows, keys: 10, seed: 1 }).path;
  const small = writePart({
    tracker: "wandb",
    directory: runs,
    id: "small123",
    startedAt,
    steps: [0, 40],
    loss: 1,
  });
  return { runs, large, small };
}

function lineOf(stdout: string, path: string): Line {
  const line = parseLines(stdout, "syncLine").find((each) => each["path"] === path);
  assert.ok(line !== undefined, stdout);
  return line;
}

test("a full archive keeps nothing half-done, and only what it has is cleaned", (context) =>
  inScratch((directory) =>
    onSmallDisk(context, directory, { size: "1m", orLimit: true }, async (disk) => {
      const { path, seen } = disk;
      const { runs, large, small } = twoRuns(directory);
      const before = listTree(large);
      const archive = join(path, "archive");
      const words = ["sync", runs, "--to", archive, "--state", join(directory, "state"), "--clean"];
      const { code, stdout } = await run([...words, "--json"], { through: disk.through });
      assert.equal(code, 3, stdout);
      const failed = lineOf(stdout, large);
      assert.equal(failed["status"], "failed");
      const error = failed["error"] as Line;
      assert.equal(error["code"], "destination");
      assert.match(
        String(error["message"]),
        /^Cannot write .*: the (disk is full|file is too large for the file system)$/,
      );
      assert.match(String(error["hint"]), /^(Free some space|Choose a folder) .*\.$/);
      assert.deepEqual(listTree(large), before);
      assert.equal(lineOf(stdout, small)["cleaned"], true);
      assert.equal(existsSync(small), false);
      const files = readdirSync(join(seen, "archive"), { recursive: true, encoding: "utf8" });
      assert.deepEqual(files.filter((name) => name.includes(".")), [
        "parts/offline-run-20231114_221320-small123.tar",
      ]);

      disk.resize("32m");
      const again = await run([...words, "--json"], { through: disk.through });
      assert.equal(again.code, 0, again.stdout);
      assert.equal(lineOf(again.stdout, large)["cleaned"], true);
      const verified = await run(["verify", archive], { through: disk.through });
      assert.equal(verified.code, 0, verified.stdout);
    })
  ));

test("a full state directory stops no sync, is said once, and nothing is cleaned", (context) =>
  inScratch((directory) =>
    onSmallDisk(context, directory, { size: "64k" }, async ({ path, through, resize, fill }) => {
      fill();
      const { runs, large, small } = twoRuns(directory);
      const words = ["sync", runs, "--to", join(directory, "archive"), "--clean", "--json"];
      const options = { through };
      const state = ["--state", join(path, "state")];
      const { code, stdout, stderr } = await run([...words, ...state], options);
      assert.equal(code, 0, stdout);
      for (const path of [large, small]) {
        assert.equal(lineOf(stdout, path)["status"], "done");
        assert.equal(lineOf(stdout, path)["cleaned"], false);
        assert.ok(existsSync(path));
      }
      assert.equal(stderr.match(/Cannot write to .*ENOSPC/g)?.length, 1, stderr);

      resize("32m");
      const again = await run([...words, ...state], options);
      assert.equal(again.code, 0, again.stdout);
      assert.equal(existsSync(large) || existsSync(small), false, again.stdout);
    })
  ));

test("what a full host does not take is not done, and arrives once there is room", (context) =>
  inScratch((directory) =>
    onSmallDisk(context, directory, { size: "1m" }, async ({ path, through, resize }) => {
      const { runs, large } = twoRuns(directory);
      await using host = new MortalHost(join(path, "store"), through);
      await host.start();
      const words = ["sync", runs, "--to", `${host.url}/@${host.user}/p`, "-k", host.key]
        .concat(["--state", join(directory, "state"), "--clean", "--json"]);
      const { code, stdout } = await run(words);
      assert.ok(code === 3 || code === 14, stdout);
      const failed = lineOf(stdout, large);
      assert.equal(failed["status"], "failed");
      const error = failed["error"] as Line;
      assert.equal(error["code"], "destination", JSON.stringify(error));
      assert.match(String(error["hint"]), /\.$/);
      assert.ok(existsSync(large));

      resize("64m");
      const again = await run(words);
      assert.equal(again.code, 0, again.stdout);
      const facts = await readFacts(await host.api(), host.user, "p", `big${rows}x10`);
      assert.equal(facts.group("scalar train/metric_00").size, rows);
      assert.equal(facts.group("console").size, rows / 100);
    })
  ));
