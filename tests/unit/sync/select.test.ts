import assert from "node:assert/strict";
import { test } from "node:test";
import type { Inspection } from "../../../src/sync/inspect.ts";
import { parseFilters } from "../../../src/sync/select.ts";

const now = Date.UTC(2026, 0, 31);
const run: Inspection = {
  info: {
    source: "wandb",
    path: "/data/wandb/offline-run-20260101_000000-abc123",
    directory: "offline-run-20260101_000000-abc123",
    id: "abc123",
    name: "bert/base run",
    project: "nlp",
    startedAt: Date.UTC(2026, 0, 1),
    writer: { tracker: "wandb", format: "v0" },
  },
  tags: [],
  state: "failed",
  events: {},
  steps: 0,
  points: 0,
  bytes: 0,
  gaps: 0,
};

const table: readonly [include: string[], exclude: string[], taken: boolean][] = [
  [[], [], true],
  [["abc*"], [], true],
  [["bert*"], [], true],
  [["offline-run-2026*"], [], true],
  [["gpt*"], [], false],
  [["gpt*", "abc123"], [], true],
  [["abc*"], ["state:failed"], false],
  [[], ["state:finished"], true],
  [["project:nl?"], [], true],
  [["project:vision"], [], false],
  [["id:abc123"], ["name:bert*"], false],
  [["path:/data/**"], [], true],
  [["age:>7d"], [], true],
  [["age:<7d"], [], false],
  [["age:<1.5h"], [], false],
];

for (const [include, exclude, taken] of table) {
  const words = `include [${include}] and exclude [${exclude}]`;
  test(`${words} ${taken ? "take" : "leave"} the run`, () => {
    assert.equal(parseFilters({ include, exclude }).matches(run, now), taken);
  });
}

test("a run without a start has no age and matches none", () => {
  const { startedAt: _, ...info } = run.info;
  const filter = parseFilters({ include: ["age:>0s"], exclude: [] });
  assert.equal(filter.matches({ ...run, info }, now), false);
});

test("an age that cannot be read is a usage error with a hint", () => {
  assert.throws(() => parseFilters({ include: ["age:7 days"], exclude: [] }), {
    code: "usage",
    message: 'Cannot read the age "7 days"',
    hint: "Write it as age:<7d or age:>12h, with s, m, h, d or w.",
  });
});

test("only filters make it necessary to read a run before it is taken", () => {
  assert.equal(parseFilters({ include: [], exclude: [] }).needsReading, false);
  assert.equal(
    parseFilters({ include: ["a"], exclude: [] }).needsReading,
    true,
  );
});
