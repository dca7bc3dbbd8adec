import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { startedAt } from "../../generate/generated_run.ts";
import { type RunPart, writePart } from "../../generate/run_part.ts";
import {
  changes,
  type Done,
  fixture,
  inScene,
  key,
  type Scene,
  type ServedHost,
  user,
} from "./scene.ts";

const options = ["-k", key, "-w", user, "-p", "p", "--json"];
const hour = 3_600_000;

/** Parts of one run, an hour apart; each logs its own number as the loss. */
function parts(
  { work }: Scene,
  tracker: RunPart["tracker"],
  all: readonly Pick<RunPart, "steps" | "online" | "valEvery" | "ended">[],
): readonly string[] {
  const directory = join(work, "runs");
  mkdirSync(directory, { recursive: true });
  return all.map((part, at) =>
    writePart({
      tracker,
      directory,
      id: "family",
      startedAt: startedAt + at * hour,
      loss: at + 1,
      ...part,
    })
  );
}

/** Runs `sync` and makes sure of its exit code. */
async function sync(
  { run }: Scene,
  { url }: ServedHost,
  paths: readonly string[],
  { code = 0, more = [] }: { readonly code?: number; readonly more?: readonly string[] } = {},
): Promise<Done> {
  const done = await run(["sync", ...paths, "-h", url, ...options, ...more]);
  assert.equal(done.code, code, done.stdout + done.stderr);
  return done;
}

/** Makes sure that nothing is left to be done, and that all is as it should be. */
async function assertSettled(
  scene: Scene,
  host: ServedHost,
  paths: readonly string[],
  { code = 0, more = [] }: { readonly code?: number; readonly more?: readonly string[] } = {},
): Promise<void> {
  const again = await sync(scene, host, paths, { code, more });
  assert.deepEqual(changes(again.passed), []);
  assert.deepEqual(statuses(again).filter((status) => status === "failed"), []);
  const words = ["verify", ...paths, "-h", host.url, ...options, ...more];
  const verified = await scene.run(words);
  assert.equal(verified.code, code, verified.stdout);
}

function statuses({ runs }: Done): readonly unknown[] {
  return runs.map(({ status }) => status);
}

/** Which part each step of a key is from, as "1: 0-59, 2: 60-119". */
async function whose(host: ServedHost, name: string): Promise<string> {
  assert.deepEqual(await host.ids("p"), ["family"]);
  const points = [...(await host.facts("p")).group(`scalar ${name}`)]
    .map(([step, value]) => [Number(step.slice("step ".length)), value.split(" ")[0]] as const)
    .toSorted(([left], [right]) => left - right);
  const spans: { part: string; first: number; last: number; count: number }[] = [];
  for (const [step, part = ""] of points) {
    const span = spans.at(-1);
    if (span?.part !== part) spans.push({ part, first: step, last: step, count: 1 });
    else {
      span.last = step;
      span.count++;
    }
  }
  return spans.map(({ part, first, last }) => `${part}: ${first}-${last}`).join(", ");
}

/** The points of each run that were left to other parts. */
function losses({ runs }: Done): readonly string[] {
  return runs.flatMap(({ losses }) =>
    (losses as readonly { kind: string; reason: string; count: number }[])
      .filter(({ reason }) => reason.includes("this step"))
      .map(({ kind, reason, count }) => `${kind} ${count}: ${reason.split(" of the run")[0]}`)
  );
}

/** Ways to sync the same parts. */
const ways: readonly (readonly [string, (paths: readonly string[]) => readonly string[][]])[] = [
  ["together", (paths) => [[...paths]]],
  ["together with --jobs 4", (paths) => [[...paths, "--jobs", "4"]]],
  ["one by one", (paths) => paths.map((path) => [path])],
  ["in two commands", (paths) => [paths.slice(0, 2), [...paths]]],
  ["in any order of their paths", (paths) => [paths.toReversed()]],
];

describe("three allocations of W&B that each count from 0", () => {
  for (const [way, commands] of ways) {
    it(`become one run, ${way}`, async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        const paths = parts(scene, "wandb", [{ steps: [0, 59] }, { steps: [0, 59], ended: false }, {
          steps: [0, 59],
        }]);
        for (const words of commands(paths)) await sync(scene, host, words);
        assert.equal(await whose(host, "loss"), "1: 0-59, 2: 60-119, 3: 120-179");
        assert.equal(await whose(host, "val"), "1: 0-50, 2: 60-110, 3: 120-170");
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
      assert.equal(await whose(host, "loss"), "1: 0-59, 2: 60-119");
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
      assert.equal(await whose(host, "loss"), "1: 0-59, 2: 60-119, 3: 120-179");
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
      assert.equal(await whose(host, "loss"), "1: 0-49, 2: 50-109");
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
      assert.equal(await whose(host, "loss"), "1: 0-59, 2: 60-119");
      await assertSettled(scene, host, paths);
    });
  });
});

const rollback = [{ steps: [0, 99] }, { steps: [50, 149], valEvery: 7 }] as const;

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
          assert.equal(await whose(host, "loss"), "1: 0-49, 2: 50-149");
          // Only at step 70 both have it.
          const val = "1: 0-50, 2: 56-56, 1: 60-60, 2: 63-77, 1: 80-80, 2: 84-84, 1: 90-90";
          assert.equal(await whose(host, "val"), `${val}, 2: 91-147`);
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
        assert.equal(await whose(host, "loss"), "1: 0-99, 2: 100-149");
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
          assert.equal(await whose(host, "loss"), "1: 0-99, 2: 100-149");
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
        assert.equal(await whose(host, "loss"), "1: 0-49, 2: 50-149");
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
        assert.equal(await whose(host, "loss"), "1: 0-99, 2: 100-149");
      });
    });
  });
}

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
      assert.equal(await whose(host, "loss"), "1: 0-49, 2: 50-149");
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
      assert.equal(await whose(host, "loss"), "1: 0-9, 2: 10-19");
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

describe("the parts of a run that overlap", () => {
  it("may be deleted once they have arrived", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const paths = parts(scene, "wandb", rollback);
      const done = await sync(scene, host, [join(scene.work, "runs")], { more: ["--clean"] });
      assert.deepEqual(done.runs.map(({ cleaned }) => cleaned), [true, true], done.stdout);
      assert.deepEqual(paths.filter((path) => existsSync(path)), []);
      assert.equal(await whose(host, "loss"), "1: 0-49, 2: 50-149");
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
