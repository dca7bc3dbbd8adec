import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sources } from "../../../adapters/mod.ts";
import type { Found } from "../../../src/sync/plan.ts";
import { Relatives } from "../../../src/sync/relatives.ts";
import { openRun } from "../../../src/sync/sync.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { startedAt } from "../../generate/generated_run.ts";
import { type RunPart, writePart } from "../../generate/run_part.ts";

/** Finds these run directories. */
function foundAt(scratch: string, parts: readonly Partial<RunPart>[]): readonly Found[] {
  return parts.map((part, at) => {
    const directory = join(scratch, `${at}`);
    mkdirSync(directory);
    const shared = { tracker: "wandb", id: "a", startedAt, steps: [0, 9], loss: at } as const;
    const path = writePart({ ...shared, ...part, directory });
    const { tracker, id } = { ...shared, ...part };
    return { type: "run", ref: { source: tracker, path, log: join(path, `run-${id}.${tracker}`) } };
  });
}

test("the parts of a run have its id and its tracker", () =>
  inScratch(async (scratch) => {
    const context = testContext();
    const found = foundAt(scratch, [{}, { id: "b" }, {}, { tracker: "swanlab" }]);
    const relatives = new Relatives(found, sources, context);
    const paths = found.flatMap((each) => each.type === "run" ? [each.ref] : []);
    const expected = [[0, 2], [1], [0, 2], [3]];
    for (const [at, ref] of paths.entries()) {
      await using reader = await openRun(ref, sources, context);
      const parts = await relatives.of(reader.info);
      const own = parts.map(({ info }) => paths.findIndex(({ path }) => path === info.path));
      assert.deepEqual(own, expected[at]);
      await using again = await parts[0]?.open();
      assert.equal(again?.info.id, reader.info.id);
    }
  }));

test("what cannot be opened is no part, and nothing is opened twice", () =>
  inScratch(async (scratch) => {
    const context = testContext();
    const found = foundAt(scratch, [{}, {}, {}]);
    const [ref] = found.flatMap((each) => each.type === "run" ? [each.ref] : []);
    assert.ok(ref !== undefined);
    await using reader = await openRun(ref, sources, context);
    const relatives = new Relatives(found, sources, context);
    rmSync(join(scratch, "1"), { recursive: true });
    assert.equal((await relatives.of(reader.info)).length, 2);
    rmSync(join(scratch, "2"), { recursive: true });
    assert.equal((await relatives.of(reader.info)).length, 2);
  }));

test("a part waits as long as an earlier one broke off on its way to the same destination", () =>
  inScratch(async (scratch) => {
    const context = testContext();
    const found = foundAt(scratch, [0, 1, 2].map((at) => ({ startedAt: startedAt + at * 60_000 })));
    const relatives = new Relatives(found, sources, context);
    const infos = await Promise.all(found.map(async (each) => {
      assert.ok(each.type === "run");
      await using reader = await openRun(each.ref, sources, context);
      return reader.info;
    }));
    const [first, second, third] = infos;
    assert.ok(first && second && third);
    relatives.note(second, "here", true);
    await assert.rejects(
      relatives.ready(third, "here"),
      new RegExp(`Cannot send ${third.path} yet: ${second.path}, an earlier part`),
    );
    assert.equal((await relatives.ready(second, "here")).length, 3);
    assert.equal((await relatives.ready(first, "here")).length, 3);
    assert.equal((await relatives.ready(third, "elsewhere")).length, 3);
    relatives.note(second, "here", false);
    assert.equal((await relatives.ready(third, "here")).length, 3);
  }));
