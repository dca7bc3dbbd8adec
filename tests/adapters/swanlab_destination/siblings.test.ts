import assert from "node:assert/strict";
import { test } from "node:test";
import { isSamePart } from "../../../adapters/destinations/swanlab/siblings.ts";

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
