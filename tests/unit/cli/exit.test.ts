import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exitCodes } from "../../../src/cli/exit.ts";
import { TotalsCounter } from "../../../src/cli/totals.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { outcomeOf } from "./outcomes.ts";

function failed(code: ErrorCode): Outcome {
  return outcomeOf({ status: "failed", error: { code, message: "no" } });
}

const done = outcomeOf({ status: "done" });
const skipped = outcomeOf({ status: "skipped" });
const partial = outcomeOf({ status: "partial" });
const differs = outcomeOf({
  status: "failed",
  differences: ["The file x is missing."],
  error: { code: "verify", message: "differs" },
});

describe("exit code", () => {
  it("has its own number for every kind of error", () => {
    const codes = Object.values(exitCodes);
    assert.equal(new Set(codes).size, codes.length);
  });

  it("follows from all outcomes together", () => {
    const table: readonly (readonly [string, readonly Outcome[], number | undefined])[] = [
      ["nothing at all", [], undefined],
      ["all done or there already", [done, skipped], 0],
      ["a damaged run", [done, partial], 3],
      ["only a damaged run", [partial], 3],
      ["a run that stopped growing", [outcomeOf({ status: "partial", stale: true })], 0],
      ["the same and a damaged one", [outcomeOf({ status: "partial", stale: true }), partial], 3],
      ["one of several failed", [done, failed("source")], 3],
      ["all failed alike", [failed("source"), failed("source")], 10],
      ["all failed because another process has the lock", [failed("locked")], 11],
      ["all failed, for different reasons", [failed("source"), failed("destination")], 3],
      ["something differs", [done, differs], 15],
      ["something differs and something failed", [differs, failed("source")], 15],
    ];
    for (const [title, outcomes, exit] of table) {
      const totals = new TotalsCounter();
      for (const outcome of outcomes) totals.add(outcome);
      assert.equal(totals.exit(), exit, title);
    }
  });
});

describe("totals", () => {
  it("count a run that goes to two destinations once, and its statuses twice", () => {
    const totals = new TotalsCounter();
    for (const destination of ["archive:/a", "archive:/b"]) {
      totals.add(outcomeOf({ status: "done", destination, points: 10, files: 2, bytes: 300 }));
      totals.add(outcomeOf({ status: "skipped", destination, points: 1, files: 0, bytes: 20 }));
    }
    assert.deepEqual(totals.totals(1.5), {
      runs: 2,
      done: 2,
      partial: 0,
      failed: 0,
      skipped: 2,
      points: 11,
      files: 2,
      bytes: 320,
      seconds: 1.5,
    });
  });
});
