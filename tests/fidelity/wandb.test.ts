/**
 * Every fixture of W&B on a host: all of what its program logged is there, and nothing that it did
 * not log. Judges by truth.json and W&B's own reader, and knows nothing of our reader and mapping.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { changes, inScene, key, user } from "../adapters/swanlab_destination/scene.ts";
import type { FixtureRun } from "../adapters/wandb/fixture_runs.ts";
import { cases, layOutside, sentTimes } from "./fixture_case.ts";
import { scoreMedia } from "./score_media.ts";
import { scoreProfile } from "./score_profile.ts";
import { scoreRows } from "./score_rows.ts";
import { scoreSurroundings } from "./score_surroundings.ts";
import { Scorecard } from "./scorecard.ts";
import { readStoredRun } from "./stored_run.ts";

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

/** Ferries a case to a host of its own and compares what is there with what was logged. */
async function scored(
  parts: readonly FixtureRun[],
  card: Scorecard,
  projectVersion: 0 | 1 = 1,
): Promise<void> {
  const [first] = parts;
  assert.ok(first !== undefined);
  await inScene(async (scene) => {
    const { url, proxy, api, ids } = await scene.serve("host", projectVersion);
    const environment = layOutside(join(scene.work, "outside"), first);
    const words = ["sync", first.folder, "-h", url, "-k", key, "-p", "fidelity"]
      .concat(["--follow-outside", "--json"]);
    const done = await scene.run(words, { environment });
    assert.equal(done.code, 0, done.stdout + done.stderr);
    const times = sentTimes(proxy.passed);
    const runs = await ids("fidelity");
    card.equal("identity", "number of runs", runs.length, 1);
    const stored = await readStoredRun({ api, user, project: "fidelity", run: runs[0] ?? "" });
    const run = { parts, stored, times };
    const again = await scene.run(words, { environment });
    card.equal("repetition", "changes of a second sync", [...changes(again.passed)], []);
    for (const score of [scoreRows, scoreMedia, scoreProfile, scoreSurroundings]) score(run, card);
  });
}

/** Everything that a run can hold: how many of it were compared, over all fixtures. */
const compared = new Map<string, number>();

function withoutKnown(name: string, misses: readonly string[]): readonly string[] {
  const known = unwritten.filter(({ fixture }) => fixture.test(name)).map(({ miss }) => miss);
  return misses.filter((miss) => !known.includes(miss));
}

for (const [name, parts] of cases) {
  test(`${name}: all that was logged is at the host, and nothing else`, async () => {
    const card = new Scorecard();
    await scored(parts, card);
    for (const [kind, { total }] of card.marks) {
      compared.set(kind, (compared.get(kind) ?? 0) + total);
    }
    assert.deepEqual(withoutKnown(name, card.misses), []);
  });
  if (!name.startsWith("0.31.0/")) continue;
  test(`${name}: all that was logged is at a host of the old generation too`, async () => {
    const card = new Scorecard();
    await scored(parts, card, 0);
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
