import assert from "node:assert/strict";
import { test } from "node:test";
import { isSamePart, Siblings } from "../../../adapters/destinations/swanlab/siblings.ts";
import { stepsIn } from "../../../adapters/destinations/swanlab/step_groups.ts";
import { wandb } from "../../../adapters/sources/wandb/source.ts";
import type { RunPart } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { startedAt } from "../../generate/generated_run.ts";
import { writePart } from "../../generate/run_part.ts";

type Part = Parameters<typeof isSamePart>[0];

const part: Part = { directory: "run-1", startedAt: 1000, beginning: "aa" };
const { beginning: _, ...young } = part;

const table: readonly (readonly [what: string, left: Part, right: Part, same: boolean])[] = [
  ["a copy", part, { ...part }, true],
  ["a renamed copy", part, { ...part, directory: "renamed" }, true],
  ["one of another beginning, though named alike", part, { ...part, beginning: "bb" }, false],
  ["one of an equal beginning and another start", part, { ...part, startedAt: 2000 }, false],
  ["one whose start nobody knows", part, { directory: "x", beginning: "aa" }, true],
  ["one that was too young for a beginning", part, young, true],
  ["a renamed one that was too young", part, { ...young, directory: "renamed" }, true],
  ["another one that was too young", part, { directory: "run-2", startedAt: 2000 }, false],
  ["one without anything but another name", { directory: "a" }, { directory: "b" }, false],
];

for (const [what, left, right, same] of table) {
  test(`${what} is ${same ? "the same" : "another"} part`, () => {
    assert.equal(isSamePart(left, right), same);
    assert.equal(isSamePart(right, left), same);
  });
}

const context = testContext();
const how = { xAxis: "defined", tool: "test 1", onlyOverlapping: true } as const;

/** A part of a run, with how often it was opened. */
async function partOf(
  directory: string,
  at: number,
  steps: readonly [number, number],
): Promise<{ readonly part: RunPart; readonly opened: () => number }> {
  const start = startedAt + at * 1000;
  const path = writePart({
    ...{ tracker: "wandb", directory, id: "a", startedAt: start, steps, loss: at },
  });
  let opened = 0;
  const open = (): ReturnType<RunPart["open"]> => {
    opened++;
    return wandb.open({ source: "wandb", path, log: `${path}/run-a.wandb` }, context);
  };
  await using reader = await open();
  opened = 0;
  return { part: { info: reader.info, open }, opened: () => opened };
}

test("what comes are the points of later parts whose steps stay, read once", () =>
  inScratch(async (directory) => {
    const all = [
      await partOf(directory, 0, [0, 99]),
      await partOf(directory, 1, [50, 60]),
      await partOf(directory, 2, [0, 30]),
      await partOf(directory, 3, [70, 75]),
    ];
    const broken: RunPart = {
      info: {
        ...all[3]?.part.info,
        directory: "z",
        startedAt: 1e13,
        beginning: "x",
      } as RunPart["info"],
      open: () => Promise.reject(new SourceError("gone")),
    };
    const parts = [broken, ...all.map(({ part }) => part)];
    const siblings = new Siblings(how);
    const steps = async (at: number): Promise<readonly number[]> => {
      const { info } = parts[at + 1] as RunPart;
      const loss = (await siblings.coming(info, parts, context)).get("loss");
      return loss === undefined ? [] : [...stepsIn(loss)].toSorted((a, b) => a - b);
    };
    const last = [70, 71, 72, 73, 74, 75];
    assert.deepEqual(await steps(0), [50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, ...last]);
    assert.deepEqual(await steps(1), last);
    assert.deepEqual(await steps(3), []);
    assert.deepEqual(all.map(({ opened }) => opened()), [0, 1, 1, 1]);
  }));
