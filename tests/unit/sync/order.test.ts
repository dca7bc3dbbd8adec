import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { inOrderOfStart } from "../../../src/sync/order.ts";
import type { Found } from "../../../src/sync/plan.ts";

const table: readonly (readonly [what: string, paths: readonly string[], order: string])[] = [
  ["an online run comes before what continued it offline", [
    "w/offline-run-20260101_130000-a",
    "w/run-20260101_120000-a",
  ], "10"],
  ["parts come in order wherever they lie", [
    "b/run-20260102_000000-a",
    "c/offline-run-20260101_000000-a",
    "a/run-20260103_000000-a.tar",
  ], "102"],
  ["runs of one second stay in the order in which they were found", [
    "w/run-20260101_120000-b",
    "w/run-20260101_120000-a",
  ], "01"],
  ["names without a time stay in their order, behind the others", [
    "renamed",
    "w/run-20260101_120000-b",
    "another",
    "w/run-2026-b",
  ], "1023"],
];

for (const [what, paths, order] of table) {
  test(what, () => {
    const found = paths.map((path): Found => ({ type: "run", ref: { source: "any", path } }));
    const sorted = inOrderOfStart(found).map((each) => found.indexOf(each)).join("");
    assert.equal(sorted, order);
  });
}

test("what is no run has its place too", () => {
  const problem: Found = { type: "problem", path: "gone", error: new SourceError("gone") };
  const run: Found = { type: "run", ref: { source: "any", path: "run-20260101_120000-b" } };
  assert.deepEqual(inOrderOfStart([problem, run]), [run, problem]);
});
