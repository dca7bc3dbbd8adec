import assert from "node:assert/strict";
import type { Case } from "./case.ts";
import { inPlace, type MakePlace, tallied, verified } from "./destination_subject.ts";
import { changedRuns, mixedRun } from "./mixed_run.ts";

/** What a service promises about runs that it is asked for without being sent anything. */
export const expectingCases: readonly Case<MakePlace>[] = [
  {
    name: "verifies what it is told to expect",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tally = await tallied(place.destination, mixedRun);
        const { differences, assurance } = await verified(place.again(), mixedRun, tally);
        assert.deepEqual(differences, []);
        assert.equal(assurance, place.destination.capabilities.assurance);
      }),
  },
  {
    name: "finds every difference to what it is told to expect",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tally = await tallied(place.destination, mixedRun);
        for (const [what, run] of changedRuns) {
          const { differences } = await verified(place.again(), run, tally);
          assert.notDeepEqual(differences, [], what);
          for (const sentence of differences) assert.match(sentence, /^.+\.$/s);
        }
      }),
  },
  {
    name: "stores nothing of what it is told to expect",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tally = await tallied(place.destination, mixedRun);
        const holdings = await place.holdings();
        for (const run of changedRuns.values()) await verified(place.again(), run, tally);
        assert.deepEqual(await place.holdings(), holdings);
      }),
  },
];
