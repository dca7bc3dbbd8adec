import assert from "node:assert/strict";
import { join } from "node:path";
import { changes, inScene, key, user } from "../adapters/swanlab_destination/scene.ts";
import type { FixtureRun } from "../adapters/wandb/fixture_runs.ts";
import { layOutside, sentTimes } from "./fixture_case.ts";
import { scoreMedia } from "./score_media.ts";
import { scoreProfile } from "./score_profile.ts";
import { scoreRows } from "./score_rows.ts";
import { scoreSurroundings } from "./score_surroundings.ts";
import type { Scorecard } from "./scorecard.ts";
import type { ScoredRun } from "./scored_run.ts";
import { readStoredRun } from "./stored_run.ts";

/** Ferries the directories of a run to a host of its own, twice, and reads what is there. */
export async function arrived(
  parts: readonly FixtureRun[],
  card: Scorecard,
  projectVersion: 0 | 1 = 1,
): Promise<ScoredRun> {
  const [first] = parts;
  assert.ok(first !== undefined);
  const runs: ScoredRun[] = [];
  await inScene(async (scene) => {
    const { url, proxy, api, ids } = await scene.serve("host", projectVersion);
    const environment = layOutside(join(scene.work, "outside"), first);
    const words = ["sync", first.folder, "-h", url, "-k", key, "-p", "fidelity"]
      .concat(["--follow-outside", "--json"]);
    const done = await scene.run(words, { environment });
    assert.equal(done.code, 0, done.stdout + done.stderr);
    const times = sentTimes(proxy.passed);
    const again = await scene.run(words, { environment });
    card.equal("repetition", "changes of a second sync", [...changes(again.passed)], []);
    for (const run of await ids("fidelity")) {
      const stored = await readStoredRun({ api, user, project: "fidelity", run });
      runs.push({ parts, stored, times });
    }
  });
  card.equal("identity", "number of runs", runs.length, 1);
  assert.ok(runs[0] !== undefined);
  return runs[0];
}

/** Scores everything of a run. */
export function scoreRun(run: ScoredRun, card: Scorecard): void {
  for (const score of [scoreRows, scoreMedia, scoreProfile, scoreSurroundings]) score(run, card);
}
