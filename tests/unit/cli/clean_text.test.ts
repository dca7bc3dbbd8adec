import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanedJson, cleanedText, cleanSumText } from "../../../src/cli/clean_text.ts";
import { parseDuration } from "../../../src/cli/duration_text.ts";
import { painter } from "../../../src/cli/style.ts";
import { UsageError } from "../../../src/errors.ts";
import type { Proof } from "../../../src/sync/clean.ts";
import type { CleanAttempt } from "../../../src/sync/clean_sync.ts";
import { outcomeOf } from "./outcomes.ts";

const style = { paint: painter(false), columns: 72, cwd: "/data" };

const proof: Proof = {
  ref: { source: "wandb", path: "/data/wandb/run-\u001b[1m" },
  info: {
    source: "wandb",
    path: "/data/wandb/run-1",
    directory: "run-1",
    id: "r1",
    writer: { tracker: "wandb", format: "x" },
  },
  before: undefined,
  seen: undefined,
  directory: { changedAt: 0, accounted: true, single: true, bytes: 12_300_000 },
  isCut: false,
  outcomes: [outcomeOf({ destination: "archive:/a", assurance: "exact" })],
};

const nothing = { cleaned: false, planned: false, reasons: [] };

const attempts: readonly (readonly [CleanAttempt, RegExp])[] = [
  [{ ...nothing, cleaned: true }, /^deleted {4}12\.3 MB {2}wandb\/run-\S+\n$/],
  [
    { ...nothing, cleaned: true, trash: "/data/trash/run-1" },
    /^moved .*\n +It is in trash\/run-1 now\.\n$/,
  ],
  [{ ...nothing, planned: true }, /^would go .*\n$/],
  [
    { ...nothing, reasons: ["It is young.", "It is open."] },
    /^kept .*\n +It is young\.\n +It is open\.\n$/,
  ],
  [
    { ...nothing, reasons: ["Cannot."], error: { code: "source", message: "Cannot", hint: "Do." } },
    /^failed .*\n +Cannot\.\n +hint: Do\.\n$/,
  ],
];

for (const [attempt, expected] of attempts) {
  test(`a line and what is under it: ${JSON.stringify(attempt)}`, () => {
    const text = cleanedText({ proof, attempt }, style);
    assert.match(text, expected);
    assert.ok(!text.includes("\u001b"));
  });
}

test("a line of JSON has the run, what became of it, and the proofs", () => {
  const line = cleanedJson({ proof, attempt: { ...nothing, reasons: ["It is young."] } });
  assert.deepEqual(line["reasons"], ["It is young."]);
  assert.deepEqual(line["proofs"], [
    { destination: "archive:/a", assurance: "exact", differences: [] },
  ]);
});

test("the sum tells what went, or would go", () => {
  const sum = { runs: 3, cleaned: 2, planned: 0, kept: 1, failed: 0, bytes: 2_000, seconds: 1 };
  assert.equal(cleanSumText(sum, style), "\n3 runs: 2 gone (2.0 kB), 1 kept, 0 failed\n");
  const planned = { ...sum, cleaned: 0, planned: 2 };
  assert.equal(cleanSumText(planned, style), "\n3 runs: 2 would go (2.0 kB), 1 kept, 0 failed\n");
});

test("durations are read in the usual units", () => {
  const expected = {
    "0": 0,
    "90": 90_000,
    "1.5h": 5_400_000,
    "30m": 1_800_000,
    "2 d": 172_800_000,
  };
  for (const [text, ms] of Object.entries(expected)) assert.equal(parseDuration(text), ms);
  for (const text of ["", "h", "-1h", "1y", "1h30m", "1e3"]) {
    assert.throws(() => parseDuration(text), UsageError);
  }
});
