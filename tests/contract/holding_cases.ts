import assert from "node:assert/strict";
import { DestinationError } from "../../src/errors.ts";
import type { Case } from "./case.ts";
import { delivered, inPlace, type MakePlace, tallied, verified } from "./destination_subject.ts";
import { hostileNames, hostileRun, otherRun, plainRun } from "./sample_runs.ts";
import { tree } from "./scratch.ts";

/** What every destination promises about what it holds. */
export const holdingCases: readonly Case<MakePlace>[] = [
  {
    name: "keeps runs apart that share the name of their directory",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tallies = [await tallied(place.destination, plainRun)];
        const [one] = await place.holdings();
        tallies.push(await tallied(place.destination, otherRun));
        const both = await place.holdings();
        assert.equal(both.length, 2);
        assert.ok(both.includes(one ?? ""), "the first one is as it was");
        for (const [at, run] of [plainRun, otherRun].entries()) {
          const tally = tallies[at];
          assert.ok(tally !== undefined);
          assert.deepEqual((await verified(place.again(), run, tally)).differences, []);
        }
      }),
  },
  {
    name: "leaves nothing but the run behind",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        await delivered(place.destination, plainRun);
        const once = await place.holdings();
        assert.equal(once.length, 1);
        await delivered(place.again(), plainRun);
        assert.deepEqual(await place.holdings(), once);
      }),
  },
  {
    name: "finds what was spoiled there",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tally = await tallied(place.destination, plainRun);
        await place.damage();
        const { differences } = await verified(place.again(), plainRun, tally);
        assert.notDeepEqual(differences, []);
      }),
  },
  {
    name: "writes nowhere else, whatever the names",
    run: (makePlace) =>
      inPlace(makePlace, async (place, scratch) => {
        const outside = (): readonly string[] =>
          tree(scratch).filter((path) => !path.startsWith("place/"));
        const before = outside();
        for (const [at, name] of hostileNames.entries()) {
          const held = await place.holdings();
          try {
            const { differences } = await delivered(
              place.destination,
              hostileRun(name, `id-${at}`),
            );
            assert.deepEqual(differences, [], JSON.stringify(name));
            assert.equal((await place.holdings()).length, held.length + 1, JSON.stringify(name));
          } catch (error) {
            if (!(error instanceof DestinationError)) throw error;
            assert.deepEqual(await place.holdings(), held, "a refused run leaves nothing");
          }
          assert.deepEqual(outside(), before, JSON.stringify(name));
        }
      }),
  },
];
