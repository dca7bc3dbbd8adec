import assert from "node:assert/strict";
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { copyFixture, fixture, inScratch, listTree, run } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";

const basic = fixture("swanlab", "0.9.7", "basic");
const long = fixture("swanlab", "0.9.7", "long", "swanlog");

async function syncJson(
  words: readonly string[],
): Promise<{ readonly code: number | null; readonly lines: readonly Line[] }> {
  const { code, stdout } = await run(["sync", ...words, "--json"]);
  return { code, lines: parseLines(stdout, "syncLine") };
}

/** Path of the log in a swanlog folder with one run. */
function logOf(swanlog: string): string {
  const [directory = ""] = readdirSync(swanlog).filter((name) => name.startsWith("run-"));
  const [log = ""] = readdirSync(join(swanlog, directory)).filter((name) =>
    /^run-.*\.swanlab$/.test(name)
  );
  return join(swanlog, directory, log);
}

test("a run that has grown replaces what is there", async () => {
  await inScratch(async (scratch) => {
    const swanlog = copyFixture(long, join(scratch, "swanlog"));
    const log = logOf(swanlog);
    truncateSync(log, 40_000);
    const archive = join(scratch, "archive");
    const early = await syncJson([swanlog, "--to", archive]);
    copyFixture(long, swanlog);
    const late = await syncJson([swanlog, "--to", archive]);
    assert.equal(late.code, 0);
    assert.equal(late.lines[0]?.["status"], "done");
    assert.ok(Number(late.lines[0]?.["points"]) > Number(early.lines[0]?.["points"]));
    const verified = await run(["verify", swanlog, "--to", archive]);
    assert.equal(verified.code, 0, verified.stdout);
    const tars = listTree(archive).filter((line) => line.includes(".tar "));
    assert.equal(tars.length, 1, tars.join("\n"));
  });
});

test("one reading serves several destinations, and one that fails does not stop the other", async () => {
  await inScratch(async (scratch) => {
    const first = join(scratch, "first");
    const second = join(scratch, "second");
    const { code, lines } = await syncJson([basic, "--to", first, "--to", second]);
    assert.equal(code, 0);
    assert.deepEqual(lines.map(({ destination }) => destination).slice(0, 2).sort(), [
      `archive:${first}`,
      `archive:${second}`,
    ]);
    assert.equal(lines.at(-1)?.["runs"], 1);
    assert.equal(lines.at(-1)?.["done"], 2);
  });
});

test("a dry run tells what would go where and writes nothing", async () => {
  await inScratch(async (scratch) => {
    const swanlog = copyFixture(basic, join(scratch, "runs"));
    const before = listTree(scratch);
    const archive = join(scratch, "archive");
    const { code, lines } = await syncJson([swanlog, "--to", archive, "--dry-run"]);
    assert.equal(code, 0);
    assert.equal(lines[0]?.["planned"], true);
    assert.deepEqual(listTree(scratch), before);
  });
});

test("the source tree is never written", async () => {
  await inScratch(async (scratch) => {
    const runs = join(scratch, "runs");
    copyFixture(fixture("swanlab", "0.6.1"), join(runs, "swanlab"));
    copyFixture(fixture("wandb", "0.31.0", "basic"), join(runs, "wandb"));
    const before = listTree(runs);
    await run(["sync", runs, "--to", join(scratch, "archive")]);
    await run(["verify", runs, "--to", join(scratch, "archive")]);
    await run(["ls", runs]);
    assert.deepEqual(listTree(runs), before);
  });
});

test("what the user excludes is left out and counted", async () => {
  await inScratch(async (scratch) => {
    const media = fixture("swanlab", "0.9.7", "media");
    const archive = join(scratch, "archive");
    const { code, lines } = await syncJson([media, "--to", archive, "--no-media", "--no-console"]);
    assert.equal(code, 0);
    const excluded = lines[0]?.["excluded"] as Line;
    assert.ok(Number(excluded["media"]) > 0);
    const cat = await run(["cat", archive]);
    const types = new Set(parseLines(cat.stdout, "event").map(({ type }) => type));
    assert.equal(types.has("media"), false);
    assert.equal(types.has("console"), false);
  });
});

test("filters decide which runs go", async () => {
  await inScratch(async (scratch) => {
    const archive = join(scratch, "archive");
    const runs = fixture("swanlab", "0.9.7");
    const taken = await syncJson([runs, "--to", archive, "--include", "state:failed"]);
    assert.equal(taken.code, 0);
    assert.equal(taken.lines.at(-1)?.["runs"], 1);
    const none = await syncJson([runs, "--to", archive, "--include", "name:nobody"]);
    assert.equal(none.code, 10);
    assert.deepEqual(none.lines.map(({ type }) => type), ["error", "summary"]);
  });
});

test("bad runs never stop the others", async () => {
  await inScratch(async (scratch) => {
    const runs = join(scratch, "runs");
    copyFixture(basic, join(runs, "good"));
    const broken = join(runs, "swanlog", "run-20260101_000000-broken");
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, "run-broken.swanlab"), "this is no log at all");
    const future = join(runs, "wandb", "offline-run-20260101_000000-future");
    mkdirSync(future, { recursive: true });
    writeFileSync(join(future, "run-future.wandb"), ":W&B\x5a\x5a\x63");
    const { code, lines } = await syncJson([
      join(runs, "nowhere"),
      runs,
      "--to",
      join(scratch, "archive"),
    ]);
    assert.equal(code, 3);
    const outcomes = lines.filter(({ type }) => type === "run");
    const statuses = outcomes.map(({ status }) => String(status));
    assert.equal(statuses.filter((status) => status === "done").length, 1, statuses.join());
    assert.ok(outcomes.length >= 4, statuses.join());
    for (const outcome of outcomes) {
      const error = outcome["error"] as Line | undefined;
      assert.notEqual(error?.["code"], "internal", JSON.stringify(error));
    }
  });
});

test("runs are found below a path of nearly 4,000 characters", async () => {
  await inScratch(async (scratch) => {
    let deep = scratch;
    while (deep.length < 3850) {
      deep = join(deep, "way down ".repeat(20).slice(0, Math.min(180, 3899 - deep.length)).trim());
    }
    mkdirSync(deep, { recursive: true });
    copyFixture(basic, join(deep, "r"));
    const { code, lines } = await syncJson([scratch, "--to", join(scratch, "archive")]);
    assert.equal(code, 0, JSON.stringify(lines[0]));
    assert.ok(String(lines[0]?.["path"]).length > 3900);
  });
});
