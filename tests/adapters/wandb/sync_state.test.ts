import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { wandb } from "../../../adapters/sources/wandb/source.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { startedAt } from "../../generate/generated_run.ts";
import { writePart } from "../../generate/run_part.ts";

const table: readonly (readonly [what: string, state: string | undefined, first: number])[] = [
  ["without a note", undefined, 0],
  ["with a note of where W&B's own sync went on", '{"starting_step":60,"starting_runtime":5}', 60],
  ["with a note of the beginning", '{"starting_step":0}', 0],
  ["with an empty note", "{}", 0],
  ["with a torn note", '{"starting_st', 0],
  ["with a note that is none", '{"starting_step":"60"}', 0],
];

for (const [what, state, first] of table) {
  test(`the rows of a run ${what} begin at step ${first}`, () =>
    inScratch(async (directory) => {
      const part = { tracker: "wandb", id: "a", startedAt, steps: [0, 9], loss: 1 } as const;
      const path = writePart({ ...part, directory });
      if (state !== undefined) writeFileSync(join(path, "run-a.wandb.syncstate"), state);
      const ref = { source: "wandb", path, log: join(path, "run-a.wandb") };
      await using reader = await wandb.open(ref, testContext());
      const steps: unknown[] = [];
      for await (const events of reader.events()) {
        for (const event of events) if (event.type === "history") steps.push(event.step);
      }
      assert.deepEqual(steps, [...Array(10).keys()].map((at) => first + at));
    }));
}
