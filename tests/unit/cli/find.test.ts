import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { onlyOne } from "../../../src/cli/find.ts";
import { SourceError, UsageError } from "../../../src/errors.ts";
import type { Found } from "../../../src/sync/plan.ts";

const one: Found = { type: "run", ref: { source: "swanlab", path: "/one" } };
const two: Found = { type: "run", ref: { source: "swanlab", path: "/two" } };
const problem: Found = { type: "problem", path: "/gone", error: new SourceError("gone") };

async function* found(...all: readonly Found[]): AsyncGenerator<Found> {
  for (const each of all) yield await Promise.resolve(each);
}

describe("one id", () => {
  it("is for one run, whatever else is found", async () => {
    const all = await Array.fromAsync(onlyOne(found(problem, one), "x"));
    assert.deepEqual(all, [problem, one]);
  });

  it("is refused for two runs before anything is passed on", async () => {
    const passed: Found[] = [];
    await assert.rejects(
      (async () => {
        for await (const each of onlyOne(found(one, problem, two), "x")) passed.push(each);
      })(),
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /The id x cannot be given to 2 runs/);
        return true;
      },
    );
    assert.deepEqual(passed, []);
  });

  it("that nobody chose lets all runs pass", async () => {
    assert.deepEqual(await Array.fromAsync(onlyOne(found(one, two), undefined)), [one, two]);
  });
});
