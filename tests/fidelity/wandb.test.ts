/**
 * Every fixture of W&B on a host: all of what its program logged is there, and nothing that it did
 * not log. Judges by truth.json and W&B's own reader, and knows nothing of our reader and mapping.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrived, scoreRun } from "./arrival.ts";
import { cases } from "./fixture_case.ts";
import { Scorecard } from "./scorecard.ts";

/** What is not there because the client of the run never wrote it down. */
const unwritten: readonly { readonly fixture: RegExp; readonly miss: string; reason: string }[] = [
  {
    fixture: /^0\.12\.\d+\/media$/,
    miss: 'captions: mol @ 14 #0 is undefined, not "gly"',
    reason: "clients before 0.13 record no captions of molecules",
  },
  {
    fixture: /^0\.1[2-7]\.[\w-]+\/values$/,
    miss: "summary: null is undefined, not null",
    reason: "clients before 0.18 also put the nulls of rows into the summary, so none says who did",
  },
];

/** Everything that a run can hold: how many of it were compared, over all fixtures. */
const compared = new Map<string, number>();

function withoutKnown(name: string, misses: readonly string[]): readonly string[] {
  const known = unwritten.filter(({ fixture }) => fixture.test(name)).map(({ miss }) => miss);
  return misses.filter((miss) => !known.includes(miss));
}

for (const [name, parts] of cases) {
  test(`${name}: all that was logged is at the host, and nothing else`, async () => {
    const card = new Scorecard();
    scoreRun(await arrived(parts, card), card);
    for (const [kind, { total }] of card.marks) {
      compared.set(kind, (compared.get(kind) ?? 0) + total);
    }
    assert.deepEqual(withoutKnown(name, card.misses), []);
  });
  if (!name.startsWith("0.31.0/")) continue;
  test(`${name}: all that was logged is at a host of the old generation too`, async () => {
    const card = new Scorecard();
    scoreRun(await arrived(parts, card, 0), card);
    assert.deepEqual(withoutKnown(name, card.misses), []);
  });
}

test("something of every kind was compared", () => {
  assert.deepEqual([...compared.keys()].sort(), [
    "alerts",
    "artifacts",
    "captions",
    "charts",
    "config",
    "console",
    "environment",
    "identity",
    "media",
    "monitoring",
    "no invention",
    "nothing",
    "repetition",
    "saved files",
    "scalars",
    "sections",
    "state",
    "strings",
    "summary",
    "tables",
    "times",
    "x axes",
  ]);
});
