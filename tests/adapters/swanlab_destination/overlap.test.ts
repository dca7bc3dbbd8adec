import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Overlap, type OverlapOptions } from "../../../adapters/destinations/swanlab/overlap.ts";
import { byKey, inGroups, type Steps } from "../../../adapters/destinations/swanlab/step_groups.ts";
import { StepSet } from "../../../adapters/destinations/swanlab/step_set.ts";

function steps(...all: readonly number[]): StepSet {
  const set = new StepSet();
  for (const step of all) set.add(step);
  return set;
}

function loss(...all: readonly number[]): ReadonlyMap<string, Steps> {
  return new Map(all.length === 0 ? [] : [["loss", steps(...all)]]);
}

const laterCounts = "converted: a later part of the run has this step, and its value counts";
const earlierCounts = "converted: an earlier part of the run has this step, and its value counts";
const heldEarlier =
  "rejected: an earlier part of the run had this step at the host, which keeps its value";
const heldLater =
  "rejected: a later part of the run had this step at the host, which keeps its value";

type Where = "earlier" | "later" | "coming" | "own";
type Case = readonly [where: readonly Where[], last: string, first: string];

/** Who has step 5, and what becomes of this part's value there by either rule. */
const table: readonly Case[] = [
  [[], "", ""],
  [["own"], "", ""],
  [["earlier"], heldEarlier, earlierCounts],
  [["later"], laterCounts, heldLater],
  [["earlier", "later"], heldEarlier, heldLater],
  [["coming"], laterCounts, ""],
  [["earlier", "coming"], laterCounts, earlierCounts],
  [["own", "coming"], "", ""],
  [["later", "coming"], laterCounts, heldLater],
  [["own", "earlier"], heldEarlier, earlierCounts],
];

describe("the value of a part at a step", () => {
  for (const rule of ["last", "first"] as const) {
    for (const [where, last, first] of table) {
      const expected = rule === "last" ? last : first;
      const others = where.length === 0 ? "nobody" : where.join(" and ");
      it(`that ${others} has is ${expected || "sent"} where the ${rule} counts`, () => {
        const has = (name: Where): ReadonlyMap<string, Steps> =>
          loss(...where.includes(name) ? [5] : []);
        const options: OverlapOptions = {
          rule,
          earlier: has("earlier"),
          later: has("later"),
          // Only where the last value counts does anybody ask for what is coming.
          ...(rule === "last" ? { coming: has("coming") } : {}),
          known: where.includes("own"),
        };
        const overlap = new Overlap(options).of("loss", has("own").get("loss"));
        const found = overlap?.at(5);
        assert.equal(found === undefined ? "" : `${found.kind}: ${found.reason}`, expected);
        assert.equal(overlap?.at(6), undefined);
      });
    }
  }

  it("of a part that is new is never taken for its own, though the host has it", () => {
    const [earlier, later] = [loss(5), loss()];
    const overlap = new Overlap({ rule: "last", earlier, later, known: false });
    assert.equal(overlap.of("loss", steps(5))?.at(5)?.kind, "rejected");
  });
});

describe("what is remembered of an overlap", () => {
  it("decides the same once the other parts are gone", () => {
    const before = new Overlap({
      rule: "last",
      earlier: loss(1, 2, 3),
      later: new Map([["acc", steps(7)]]),
      coming: new Map([["loss", steps(3, 4, 8)], ["acc", steps(8)]]),
      known: false,
    });
    const reasons = (overlap: Overlap): readonly string[] =>
      ["loss", "acc"].flatMap((key) => {
        const each = overlap.of(key, undefined);
        return [2, 4, 5, 7, 8].map((step) => `${key} ${step} ${each?.at(step)?.kind}`);
      });
    const decided = reasons(before);
    const { earlier = [], later = [] } = before.groups(2);
    const [mine, theirs] = [byKey(earlier), byKey(later)];
    const after = new Overlap({ rule: "last", earlier: mine, later: theirs, known: true });
    assert.deepEqual(reasons(after), decided);
    assert.equal(after.of("loss", undefined)?.at(1), undefined);
    assert.deepEqual(after.groups(Infinity), { earlier, later });
  });

  it("is small, however many steps and keys there are", () => {
    const long = new StepSet();
    for (let step = 0; step < 100_000; step++) long.add(step);
    const keys = [...Array(100).keys()].map((at) => `key ${at}`);
    const groups = inGroups(new Map(keys.map((key) => [key, long])), 500);
    assert.deepEqual(groups, [{ steps: [[500, 99_999, 1]], keys }]);
  });
});

describe("steps that are kept in groups", () => {
  const sets: readonly (readonly [what: string, readonly number[]])[] = [
    ["none", []],
    ["a single one", [7]],
    ["each", [0, 1, 2, 3]],
    ["every tenth", [0, 10, 20, 30, 40]],
    ["some at odds", [1, 2, 4, 8, 16, 17, 30]],
    ["late ones", [10, 20, 30, 5, 15, 31, 12]],
  ];
  for (const [what, all] of sets) {
    it(`are the same, for ${what}`, () => {
      for (const from of [-Infinity, 0, 3, 10, 11, 25, Infinity]) {
        const kept = byKey(inGroups(loss(...all), from)).get("loss");
        const found = [...Array(50).keys()].filter((step) => kept?.has(step));
        const expected = all.filter((step) => step >= from).toSorted((a, b) => a - b);
        assert.deepEqual(found, expected, `from ${from}`);
      }
    });
  }
});
